package client

import (
	"errors"

	"github.com/advoware-go/advoware/internal/content"
	"github.com/advoware-go/advoware/internal/jsonbody"
)

// contentOf returns what is sent for the Body of a Request; the zero one for nil.
func contentOf(body any) (content.Content, error) {
	switch b := body.(type) {
	case nil:
		return content.Content{}, nil
	case Raw:
		return b.content()
	case *Raw:
		if b == nil {
			return content.Content{}, errors.New("the body is a nil *client.Raw")
		}
		return b.content()
	}
	text, err := jsonbody.Encode(body)
	if err != nil {
		return content.Content{}, err
	}
	return content.OfBytes("application/json", text), nil
}
