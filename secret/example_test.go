package secret_test

import (
	"fmt"

	"github.com/advoware-go/advoware/secret"
)

func Example() {
	type account struct {
		User     string
		Password secret.String
	}
	a := account{"api_user", secret.New("swordfish")}
	fmt.Printf("%+v\n", a)
	fmt.Println(len(a.Password.Reveal()))
	// Output:
	// {User:api_user Password:[redacted]}
	// 9
}
