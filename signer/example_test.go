package signer_test

import (
	"fmt"

	"github.com/advoware-go/advoware/signer"
)

func Example() {
	key, err := signer.ParseKey("c2VjcmV0IGtleQ==")
	if err != nil {
		fmt.Println(err)
		return
	}
	s, err := signer.New(key)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(s.Sign(signer.Message{
		Product:   "64",
		App:       "your_app_id",
		Nonce:     "3f2c9a52-6d0e-4b1f-9d5a-0c6b7e81f2a4",
		Timestamp: "2026-02-07T09:23:49.123Z",
	}))
	fmt.Println(key)
	// Output:
	// xeZnV17+j+fAJh86uYoo3w1+w97EpSx0xAO0rHFJnfsjDTPrRnQBmQHATOiqMnpE70zYk7+Wyz96Q58uSHgZXw==
	// [redacted]
}

func ExampleParseKey() {
	_, err := signer.ParseKey("c2VjcmV0IGtleQ") // copied without its end
	fmt.Println(err)
	// Output:
	// signer: unusable API key: characters or padding (=) are missing at its end, or there is too much padding; give all of it, as the vendor issued it
}
