package monitor

import (
	"net/http"
	"runtime"
	"time"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/status"
)

// debugStatus answers with all that is known.
func (m *Monitor) debugStatus(w http.ResponseWriter, _ *http.Request) {
	type office struct {
		Name   string        `json:"name"`
		Ready  bool          `json:"ready"`
		Why    string        `json:"why"`
		Status status.Client `json:"status"`
		Stats  client.Stats  `json:"stats"`
	}
	all := m.look(m.offices)
	answered := struct {
		Version  string    `json:"version"`
		Go       string    `json:"go"`
		Now      time.Time `json:"now"`
		Started  time.Time `json:"started"`
		Ready    bool      `json:"ready"`
		Draining bool      `json:"draining"`
		Offices  []office  `json:"offices"`
	}{m.cfg.Version, runtime.Version(), time.Now().UTC(), m.started.UTC(), m.ready(all), m.draining.Load(), nil}
	for _, s := range all {
		answered.Offices = append(answered.Offices, office{s.Name, s.ready.Ready, s.ready.Why, s.status, s.stats})
	}
	answerJSON(w, http.StatusOK, answered)
}
