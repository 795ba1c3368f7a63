package stage

import "github.com/advoware-go/advoware/client/clienttest"

// openOffice gives the office an address of its own, which discovery tells.
func (s *stage) openOffice() (err error) {
	s.fake.Inject(clienttest.Fault{On: clienttest.DiscoveryEndpoint, Times: -1, Delay: s.play.DiscoveryLatency})
	s.office, err = s.fake.AddConnector(s.fake.Options().Kanzlei, clienttest.ConnectorOptions{})
	return err
}

// env is the environment of the client.
func (s *stage) env() []string {
	if s.office != nil {
		return append(s.fake.DiscoveryEnv(), "ADVOWARE_DISCOVERY=on")
	}
	return s.fake.Env()
}

// MoveOffice implements scenario.Stage.
func (s *stage) MoveOffice() error { return s.office.Move("") }
