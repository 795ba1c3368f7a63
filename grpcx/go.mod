// Tokens for gRPC. A module of its own, so that no user of the library downloads what it
// needs.
module github.com/advoware-go/advoware/grpcx

go 1.26.0

require (
	github.com/advoware-go/advoware v0.0.0
	google.golang.org/grpc v1.85.0
)

require (
	golang.org/x/net v0.62.0 // indirect
	golang.org/x/sync v0.25.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
	golang.org/x/text v0.44.0 // indirect
	google.golang.org/genproto/googleapis/rpc v0.0.0-20260817212433-ac3dfec99bb1 // indirect
	google.golang.org/protobuf v1.36.12 // indirect
)

replace github.com/advoware-go/advoware => ../
