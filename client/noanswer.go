package client

import "github.com/advoware-go/advoware/internal/roundtrip"

// AnswerError is what came instead of an answer: a switch of protocols (status 101) that
// nobody asked for, or nothing at all from a Base. Nothing of it was read, its connection
// is closed.
type AnswerError = roundtrip.AnswerError

// ProxyError is a proxy that does not let a request through to the API, which has not
// seen it. It comes from the package's own transports; a Base has its own words.
type ProxyError = roundtrip.ProxyError
