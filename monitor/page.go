package monitor

import (
	"bytes"
	"net/http"
	"time"

	"github.com/advoware-go/advoware/monitor/internal/page"
)

// policy is the Content-Security-Policy of all answers.
var policy = page.Policy

// page answers with the page for people.
func (m *Monitor) page(w http.ResponseWriter, _ *http.Request) {
	all := m.look(m.offices)
	now := time.Now()
	d := page.Data{
		Title: m.cfg.Title, Version: m.cfg.Version, Now: now, Started: m.started,
		Ready: m.ready(all), Draining: m.draining.Load(),
	}
	for _, s := range all {
		d.Offices = append(d.Offices, page.Office{
			Name: s.Name, Ready: s.ready.Ready, Status: s.status, Stats: s.stats, Record: &s.History.record,
		})
	}
	var body bytes.Buffer
	if err := page.Write(&body, d); err != nil {
		fail(w, http.StatusInternalServerError, "the page cannot be written")
		return
	}
	answer(w, http.StatusOK, "text/html; charset=utf-8", body.String())
}
