package answer

import (
	"encoding/json"
	"fmt"
)

// Member is one of a JSON object.
type Member struct {
	Name  string
	Value any
}

// Object returns a JSON object with the members in their order. It panics if one is
// nothing that encoding/json can write.
func Object(members []Member) []byte {
	body := []byte("{")
	for i, m := range members {
		if i > 0 {
			body = append(body, ',')
		}
		value, err := json.Marshal(m.Value)
		if err != nil {
			panic(fmt.Sprintf("clienttest: %s: %v", m.Name, err))
		}
		body = fmt.Appendf(body, "%q:%s", m.Name, value)
	}
	return append(body, "}\n"...)
}
