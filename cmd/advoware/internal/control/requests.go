package control

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/cmd/advoware/internal/strict"
)

// request is one of the log, as it is shown: without secrets.
type request struct {
	ID      string      `json:"id"`
	Time    time.Time   `json:"time"`
	On      string      `json:"on"`
	Kanzlei string      `json:"kanzlei"`
	Token   string      `json:"token"`
	Method  string      `json:"method"`
	Host    string      `json:"host"`
	Addr    string      `json:"addr"`
	Path    string      `json:"path"`
	Query   url.Values  `json:"query"`
	Header  http.Header `json:"header"`
	Body    string      `json:"body"`   // bytes that are not UTF-8 as U+FFFD
	Status  int         `json:"status"` // 0 before the answer, or without one
}

func shownRequest(r clienttest.Request) request {
	return request{
		ID: r.ID, Time: r.Time, On: targetName(r.On), Kanzlei: r.Kanzlei, Token: r.Token, Method: r.Method, Host: r.Host, Addr: r.Addr,
		Path: r.Path, Query: r.Query, Header: r.Header, Body: strings.ToValidUTF8(string(r.Body), "\uFFFD"), Status: r.Status,
	}
}

// last reads how many requests of the past are asked for.
func last(r *http.Request, n int) (int, error) {
	if err := strict.Query(r, strict.Members{"last": &n}); err != nil {
		return 0, err
	}
	if n > clienttest.RequestsKept {
		return 0, fmt.Errorf("last must be at most %d, which is how many are kept", clienttest.RequestsKept)
	}
	return n, nil
}

// listRequests shows the last requests, the oldest first.
func (s *Server) listRequests(w http.ResponseWriter, r *http.Request) error {
	n, err := last(r, 100)
	if err != nil {
		return err
	}
	all := s.fake.Requests()
	all = all[max(0, len(all)-n):]
	shown := make([]request, len(all))
	for i, q := range all {
		shown[i] = shownRequest(q)
	}
	reply(w, http.StatusOK, shown)
	return nil
}

// followRequests sends each request as it arrives, as Server-Sent Events, until the client
// leaves or the control ends. Comments in between show that it is still there.
func (s *Server) followRequests(w http.ResponseWriter, r *http.Request) error {
	n, err := last(r, 0)
	if err != nil {
		return err
	}
	done, err := s.enter(w)
	if err != nil {
		return err
	}
	defer done()
	begun := s.before(n, r.Header.Get("Last-Event-ID"))
	requests := make(chan clienttest.Request)
	go func() {
		defer close(requests)
		for q := range s.fake.Follow(r.Context()) {
			if !begun(q) {
				continue
			}
			select {
			case requests <- q:
			case <-r.Context().Done():
				return
			}
		}
	}()
	w.Header().Set("Content-Type", "text/event-stream")
	c := http.NewResponseController(w)
	send := func(text string) bool {
		_ = c.SetWriteDeadline(time.Now().Add(sendTime))
		_, err := w.Write([]byte(text))
		return errors.Join(err, c.Flush()) == nil
	}
	alive := time.NewTicker(sendTime)
	defer alive.Stop()
	for sent := send(": requests follow\n\n"); sent; {
		select {
		case q, more := <-requests:
			if !more {
				return nil
			}
			text, err := json.Marshal(shownRequest(q))
			sent = err == nil && send("id: "+q.ID+"\ndata: "+string(text)+"\n\n")
		case <-alive.C:
			sent = send(":\n\n")
		}
	}
	return nil
}

// before returns a function that reports, of each request in their order, whether it
// comes after those that are not wanted: all but the last n of the present, or all up to
// one that was seen already.
func (s *Server) before(n int, seen string) func(clienttest.Request) bool {
	all := s.fake.Requests()
	at := len(all) - n - 1
	for i, q := range all {
		if q.ID == seen {
			at = i
		}
	}
	if at < 0 {
		return func(clienttest.Request) bool { return true }
	}
	skipped, over := all[at], false
	return func(q clienttest.Request) bool {
		if over {
			return true
		}
		over = q.ID == skipped.ID || q.Time.After(skipped.Time) // it may be forgotten by now
		return over && q.ID != skipped.ID
	}
}
