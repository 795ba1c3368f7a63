package status

import "time"

// Client is what a client knows of itself at one instant.
type Client struct {
	Token

	Near bool  `json:"near"`          // the store of this process has the token
	Far  Place `json:"far,omitempty"` // "" without Redis

	Redis      *Redis    `json:"redis,omitempty"`     // nil without one
	Discovered time.Time `json:"discovered,omitzero"` // when the addresses of the office were last confirmed; zero without discovery, or before the first call
}

// Place says whether the token is in Redis, as far as this process knows without asking.
type Place string

// The values of a Place.
const (
	Yes     Place = "yes"
	No      Place = "no"      // there is no token, or so little is left of it that Redis has dropped it
	Pending Place = "pending" // it will be written there when Redis works again
	Unknown Place = "unknown" // Redis is down, or has not been asked yet
)

// Redis is the Redis of a client.
type Redis struct {
	Up            bool      `json:"up"`                       // the last operation worked
	Since         time.Time `json:"since,omitzero"`           // it has been up or down since then; zero if it has not been used yet
	PendingWrites int       `json:"pending_writes,omitempty"` // of all clients on the same Stores
}
