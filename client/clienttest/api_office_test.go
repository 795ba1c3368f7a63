package clienttest_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
)

const termine = "/api/v1/advonet/TermineActiveSync"

func TestEachKanzleiHasAnOffice(t *testing.T) {
	s := clienttest.Start(t, clienttest.Options{Kanzlei: "Süd"})
	north := sandbox(s)
	north.Kanzlei = "süd" // the case counts
	colleague := sandbox(s)
	colleague.User = "KS"
	for _, id := range []clienttest.Identity{north, colleague} {
		if err := s.AddIdentity(id); err != nil {
			t.Fatal(err)
		}
	}
	get := func(id clienttest.Identity) string {
		t.Helper()
		token, _ := askToken(t, s, toJSON(credentials(id, time.Now()))).json["access_token"].(string)
		r := call(t, s, token, "GET", termine, "")
		r.wants(t, 200)
		return r.text
	}
	before := get(north)
	if before == get(sandbox(s)) {
		t.Error("two Kanzleien have the same data")
	}
	call(t, s, s.Issue(), "POST", termine, `{"Text":"neu"}`).wants(t, 200)
	if get(sandbox(s)) != get(colleague) {
		t.Error("two employees of one Kanzlei see different data")
	}
	if get(north) != before {
		t.Error("a write went to another Kanzlei")
	}
}

func TestManyRowsOverHTTP(t *testing.T) {
	s := clienttest.Start(t, clienttest.Options{Rows: 3000})
	token := s.Issue()
	r := call(t, s, token, "GET", termine, "")
	if n := len(array(t, r)); r.StatusCode != 200 || n != 3000 || r.ContentLength != -1 {
		t.Errorf("%d, %d rows, length %d", r.StatusCode, n, r.ContentLength)
	}
	if h := call(t, s, token, "HEAD", termine, ""); h.StatusCode != 200 || h.text != "" {
		t.Errorf("HEAD: %d %q", h.StatusCode, h.text)
	}
	// A cut declares the whole length, of a stream too.
	s.Inject(clienttest.Fault{On: clienttest.API, Cut: true})
	req, _ := http.NewRequest("GET", strings.TrimSuffix(s.BaseURL(), "/")+termine, nil)
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := s.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	if res.ContentLength != int64(len(r.text)) || len(got) != len(r.text)/2 || err != io.ErrUnexpectedEOF {
		t.Errorf("%d of %d bytes, of %d: %v", len(got), res.ContentLength, len(r.text), err)
	}
}

// A client that leaves in the middle of a million rows holds nothing up, Close least
// of all.
func TestClientThatLeavesAStream(t *testing.T) {
	s := clienttest.Start(t, clienttest.Options{Rows: 1_000_000})
	token := s.Issue()
	for range 3 {
		req, _ := http.NewRequest("GET", strings.TrimSuffix(s.BaseURL(), "/")+termine, nil)
		req.Header.Set("Authorization", "Bearer "+token)
		res, err := s.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if line, err := bufio.NewReader(res.Body).ReadString('\n'); err != nil || !strings.HasPrefix(line, `[{"FrNr":5001,`) {
			t.Errorf("%.80q %v", line, err)
		}
		if _, err := bufio.NewReader(res.Body).ReadByte(); err != nil { // more is there
			t.Error(err)
		}
	}
	call(t, s, token, "GET", termine+"?frnr=1005000", "").wants(t, 200)
	s.Close()
}

func TestConcurrentWrites(t *testing.T) {
	s := clienttest.Start(t, clienttest.Options{})
	token := s.Issue()
	var mu sync.Mutex
	numbers := map[int]bool{}
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for j := range 10 {
				r := call(t, s, token, "POST", termine, `{"Text":"x"}`)
				n, err := strconv.Atoi(strings.TrimSpace(r.text))
				mu.Lock()
				if err != nil || numbers[n] {
					t.Errorf("number %q", r.text)
				}
				numbers[n] = true
				mu.Unlock()
				call(t, s, token, "PUT", fmt.Sprintf("%s?frnr=%d", termine, n), fmt.Sprintf(`{"Text":"%d.%d"}`, i, j)).wants(t, 200)
				call(t, s, token, "GET", termine, "").wants(t, 200)
				call(t, s, token, "POST", "/api/v1/advonet/Beteiligte/20001/Kommunikationen", `{"kommKz":1,"tlf":"1"}`).wants(t, 201)
				call(t, s, token, "PUT", "/api/v1/advonet/Beteiligte/20001", `{"name":"x"}`).wants(t, 200)
				if j%2 == 0 {
					call(t, s, token, "DELETE", fmt.Sprintf("%s?frnr=%d", termine, n), "").wants(t, 204)
				}
			}
		})
	}
	all.Wait()
	if n := len(array(t, call(t, s, token, "GET", termine, ""))); n != 40+40 {
		t.Errorf("%d appointments", n)
	}
	var party struct{ Kommunikation []struct{ ID int } }
	if json.Unmarshal([]byte(call(t, s, token, "GET", "/api/v1/advonet/Beteiligte/20001", "").text), &party); len(party.Kommunikation) != 82 {
		t.Errorf("%d contacts", len(party.Kommunikation))
	}
}
