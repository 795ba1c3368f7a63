package sidecar

import (
	"context"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"time"

	"golang.org/x/net/netutil"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/monitor"
	"github.com/advoware-go/advoware/proxy"
)

// What others may use of --admin. Its answers need nobody else.
const (
	adminConns = 256
	adminTime  = 10 * time.Second // for each request, and for each part of an answer
	adminEnd   = time.Second      // for the answers that are under way at the end
)

// Watch has what is recorded of the offices for --admin, from before their clients are made.
type Watch struct {
	Version string // of the program

	histories map[string]*monitor.History
}

func (w *Watch) history(office string) *monitor.History {
	if w.histories == nil {
		w.histories = make(map[string]*monitor.History)
	}
	if w.histories[office] == nil {
		w.histories[office] = new(monitor.History)
	}
	return w.histories[office]
}

// observed reports whether there is somebody to show the offices to.
func (f *Flags) observed() bool { return f.Admin != nil || f.passed.admin != nil }

// Hooks returns the hooks of the client of an office.
func (f *Flags) Hooks(office string) token.Hooks {
	if !f.observed() {
		return token.Hooks{}
	}
	return f.Watch.history(office).Hooks(token.Hooks{})
}

// observe lets the offices of a proxy report how long their answers take.
func (f *Flags) observe(offices []proxy.Office) {
	for i, o := range offices {
		if f.observed() {
			offices[i].Answered = f.Watch.history(o.Name).Called
		}
	}
}

// admin is what serves --admin; nil without it.
type admin struct {
	monitor *monitor.Monitor
	server  *http.Server
	addr    net.Addr
}

// administer serves --admin. It is the one place where health, metrics and the page are mounted.
func (f *Flags) administer(s *proxy.Server, offices []proxy.Office, logger *slog.Logger) (*admin, error) {
	if !f.observed() {
		return nil, nil
	}
	cfg := monitor.Config{Title: "advoware proxy", Version: f.Watch.Version, Hosts: f.Host, Logger: logger}
	for _, o := range offices {
		cfg.Offices = append(cfg.Offices, monitor.Office{Name: o.Name, Client: o.Client, History: f.Watch.history(o.Name)})
	}
	m, err := monitor.New(cfg)
	if err != nil {
		return nil, err
	}
	l := f.passed.admin
	if l == nil {
		if _, port, err := net.SplitHostPort(*f.Admin); err != nil || port == "" { // net would take a free port, at all addresses
			m.Close()
			return nil, fmt.Errorf("--admin %q is not HOST:PORT, such as 127.0.0.1:9464", *f.Admin)
		}
		if l, err = net.Listen("tcp", *f.Admin); err != nil {
			m.Close()
			return nil, fmt.Errorf("--admin %s: %w", *f.Admin, err)
		}
	}
	a := &admin{monitor: m, addr: l.Addr(), server: adminServer(m)}
	go func() { _ = a.server.Serve(netutil.LimitListener(l, adminConns)) }()
	draining := s.Draining
	s.Draining = func() {
		m.Drain()
		if draining != nil {
			draining()
		}
	}
	return a, nil
}

func adminServer(h http.Handler) *http.Server {
	return &http.Server{
		Handler: patient(h), ReadHeaderTimeout: adminTime, ReadTimeout: adminTime, WriteTimeout: adminTime, IdleTimeout: 30 * time.Second, MaxHeaderBytes: 16 << 10,
		DisableGeneralOptionsHandler: true, ErrorLog: log.New(io.Discard, "", 0),
	}
}

// patient bounds each part of an answer instead of the whole: the metrics of thousands of offices
// may take long, as long as somebody reads them.
func patient(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(&patientWriter{w, http.NewResponseController(w)}, r)
	})
}

type patientWriter struct {
	http.ResponseWriter
	conn *http.ResponseController
}

func (w *patientWriter) Write(p []byte) (written int, err error) {
	for part := range slices.Chunk(p, 64<<10) {
		_ = w.conn.SetWriteDeadline(time.Now().Add(adminTime))
		n, err := w.ResponseWriter.Write(part)
		if written += n; err != nil {
			return written, err
		}
	}
	return written, nil
}

// line is what is printed of it.
func (a *admin) line() []byte {
	if a == nil {
		return nil
	}
	return []byte("ADVOWARE_PROXY_ADMIN_URL=http://" + a.addr.String() + "/\n")
}

// close ends it: probes are answered until here, while requests of the proxy are waited for.
func (a *admin) close() {
	if a == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), adminEnd)
	defer cancel()
	if a.server.Shutdown(ctx) != nil {
		_ = a.server.Close()
	}
	a.monitor.Close()
}
