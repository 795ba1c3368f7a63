package grpcx_test

import (
	"log"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/grpcx"
)

func Example() {
	var source *token.Source // c.Source() of a client, or one of token.New

	creds, err := grpcx.New(grpcx.Config{Source: source})
	if err != nil {
		log.Fatal(err)
	}
	conn, err := grpc.NewClient("api.example:443", append(creds.DialOptions(),
		grpc.WithTransportCredentials(credentials.NewTLS(nil)))...)
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close()
}
