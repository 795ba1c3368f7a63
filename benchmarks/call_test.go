package benchmarks

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/advoware-go/advoware/client"
)

// employee is what the API is asked for here.
type employee struct {
	ID                       int
	Name, Email, Phone, Role string
	Active                   bool
}

const callTimeout = 30 * time.Second

// startAPI starts an API that has so many employees, for those who have the token.
func startAPI(tb testing.TB, employees int) *httptest.Server {
	list := make([]employee, employees)
	for i := range list {
		list[i] = employee{i, fmt.Sprint("Mitarbeiter ", i), fmt.Sprintf("m%d@kanzlei.example", i), "+49 30 123456", "Anwalt", i%2 == 0}
	}
	body := must(json.Marshal(list))
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.Header.Get("Authorization") != "Bearer "+tokenText {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(body)
	}))
	tb.Cleanup(api.Close)
	return api
}

// startIssuer starts a gateway whose token requests take that long, and returns where.
func startIssuer(tb testing.TB, latency time.Duration) (url string) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		<-time.After(latency)
		fmt.Fprintf(w, tokenAnswer, tokenText)
	}))
	tb.Cleanup(server.Close)
	return server.URL
}

// wire returns a transport with connections of its own.
func wire(tb testing.TB) *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConns, t.MaxIdleConnsPerHost = 256, 256
	tb.Cleanup(t.CloseIdleConnections)
	return t
}

// caller makes one call and decodes the answer.
type caller func(context.Context) ([]employee, error)

// callers are the values of the key impl=.
var callers = []struct {
	name string
	open func(tb testing.TB, url string) caller
}{
	{"by-hand", callByHand(func(testing.TB) getter {
		return func(context.Context) (string, error) { return tokenText, nil }
	})},
	{"advoware", callAdvoware},
	{"oauth2", callOAuth2},
	{"python-way", callByHand(func(tb testing.TB) getter { return openPythonWay(tb, new(gateway)) })},
	{"python-way/redis=down/request=100ms", callByHand(func(tb testing.TB) getter { return openPythonWayDown(tb, 100*time.Millisecond) })},
}

// BenchmarkCall is a whole call over loopback: token, request, answer, 20 employees
// decoded. impl=by-hand is the floor: the same bytes by net/http with a token that is
// always there. Client and server are in one process. redis=down makes a token request
// for each call, which takes as long as request= says; a real one takes 1 to 2 s.
//
// p50 and p99 are of a closed loop: one caller, whose next call begins when the last one
// has been answered. They compare what the calls themselves cost, and are no latency
// under load: a stall counts as one slow call here, not as all those that would have
// been due meanwhile. For that see the latency studies, docs/study.md.
func BenchmarkCall(b *testing.B) {
	api := startAPI(b, 20)
	// In another order in each round of bench run, which is a process of its own: who comes
	// later in a process is slower by a few per cent, whoever it is.
	for _, i := range rand.Perm(len(callers)) {
		c := callers[i]
		b.Run("impl="+c.name, func(b *testing.B) {
			defer tellSkip(b)
			call := c.open(b, api.URL)
			if list, err := call(b.Context()); err != nil || len(list) != 20 { // connects
				b.Fatalf("got %d employees, %v", len(list), err)
			}
			for warm := time.Now(); time.Since(warm) < pick(100*time.Millisecond, 0); {
				_, _ = call(b.Context()) // or who comes first pays for what the others find ready
			}
			took := make([]time.Duration, 0, 1<<20)
			stop := measure(b)
			for b.Loop() {
				began := time.Now()
				if _, err := call(b.Context()); err != nil {
					b.Fatal(err)
				}
				if len(took) < cap(took) {
					took = append(took, time.Since(began))
				}
			}
			stop()
			slices.Sort(took)
			b.ReportMetric(us(quantile(took, 0.5)), "p50-us")
			b.ReportMetric(us(quantile(took, 0.99)), "p99-us")
		})
	}
}

// openClient is a client with the default store, as the door makes it.
func openClient(tb testing.TB, url string) *client.Client {
	c := must(client.New(client.Config{BaseURL: url, Source: openSource(tb, openTiered(tb), new(gateway)), Logger: quiet()}))
	tb.Cleanup(func() { _ = c.Close() })
	return c
}

func callAdvoware(tb testing.TB, url string) caller {
	c := openClient(tb, url)
	return func(ctx context.Context) ([]employee, error) {
		return client.Get[[]employee](ctx, c, "/employees", nil)
	}
}

func callByHand(open func(testing.TB) getter) func(testing.TB, string) caller {
	return func(tb testing.TB, url string) caller {
		token := open(tb)
		return decoding(&http.Client{Transport: wire(tb)}, url, func(req *http.Request) error {
			text, err := token(req.Context())
			req.Header.Set("Authorization", "Bearer "+text)
			return err
		})
	}
}

func callOAuth2(tb testing.TB, url string) caller {
	c := &http.Client{Transport: &oauth2.Transport{Source: reuse(new(gateway)), Base: wire(tb)}}
	return decoding(c, url, func(*http.Request) error { return nil })
}

// decoding is what one writes who has net/http, no client library, and knows how long
// answers are.
func decoding(c *http.Client, url string, authorize func(*http.Request) error) caller {
	return func(ctx context.Context) (list []employee, err error) {
		ctx, cancel := context.WithTimeout(ctx, callTimeout)
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/employees", nil)
		if err != nil {
			return nil, err
		}
		req.Header.Set("Accept", "application/json")
		req.Header.Set("User-Agent", "advoware-go")
		if err := authorize(req); err != nil {
			return nil, err
		}
		resp, err := c.Do(req)
		if err != nil {
			return nil, err
		}
		defer resp.Body.Close()
		room := resp.ContentLength
		if room < 0 { // it is not told of an answer over 2 KB
			room = 4 << 10
		}
		body := bytes.NewBuffer(make([]byte, 0, room+bytes.MinRead))
		if _, err := body.ReadFrom(resp.Body); err != nil {
			return nil, err
		}
		if resp.StatusCode != http.StatusOK {
			return nil, fmt.Errorf("%s: %.100s", resp.Status, body)
		}
		return list, json.Unmarshal(body.Bytes(), &list)
	}
}

// BenchmarkLarge is an answer with 40,000 employees, about 4.5 MB: read whole and
// decoded, or decoded one by one as they come: read=stream by a json.Decoder over the
// body that Do returns, read=each by the library's own Each. The memory is what matters:
// streamed, it does not depend on how large the answer is, but for what is decoded.
func BenchmarkLarge(b *testing.B) {
	employees := pick(40_000, 1000)
	api := startAPI(b, employees)
	c := openClient(b, api.URL)
	byHand := &http.Client{Transport: &oauth2.Transport{Source: reuse(new(gateway)), Base: wire(b)}}
	for _, impl := range []struct {
		name string
		read func(*http.Request) (int, error)
	}{
		{"advoware/read=whole", func(req *http.Request) (int, error) {
			list, err := client.Get[[]employee](req.Context(), c, "/employees", nil)
			return len(list), err
		}},
		{"advoware/read=stream", func(req *http.Request) (int, error) { return stream(c.Do(req)) }},
		{"advoware/read=each", func(req *http.Request) (n int, err error) {
			for _, err := range client.Each[employee](req.Context(), c, client.Request{Endpoint: "/employees"}) {
				if err != nil {
					return n, err
				}
				n++
			}
			return n, nil
		}},
		{"oauth2/read=stream", func(req *http.Request) (int, error) { return stream(byHand.Do(req)) }},
	} {
		b.Run("impl="+impl.name, func(b *testing.B) {
			defer measure(b)()
			for b.Loop() {
				req := must(http.NewRequestWithContext(b.Context(), http.MethodGet, api.URL+"/employees", nil))
				if n, err := impl.read(req); err != nil || n != employees {
					b.Fatalf("%d of %d employees, %v", n, employees, err)
				}
			}
		})
	}
}

// stream counts the employees of an answer without keeping them.
func stream(resp *http.Response, err error) (n int, _ error) {
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	in := json.NewDecoder(resp.Body)
	if _, err := in.Token(); err != nil {
		return 0, err
	}
	var e employee
	for ; in.More(); n++ {
		if err := in.Decode(&e); err != nil {
			return n, err
		}
	}
	return n, nil
}
