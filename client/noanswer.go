package client

import (
	"github.com/advoware-go/advoware/internal/apitls"
	"github.com/advoware-go/advoware/internal/roundtrip"
)

// AnswerError is returned for what is not an answer: a switch of protocols (status 101) that
// was not asked for, or nothing at all from a Base. Nothing of it was read, and its
// connection is closed.
type AnswerError = roundtrip.AnswerError

// ProxyError is returned when a proxy refuses a request, which has not reached the API then.
// The package's own transports return it; another Base has errors of its own.
type ProxyError = roundtrip.ProxyError

// CertificateError is a certificate of the API that is not accepted: its Host, the Names,
// Issuer, Subject, NotBefore, NotAfter and Pin that it showed, and what to set. Nothing was
// sent, so that it matches ErrNotSent. It comes from the package's own transports too.
type CertificateError = apitls.CertificateError
