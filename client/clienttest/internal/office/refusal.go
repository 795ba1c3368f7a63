package office

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/advoware-go/advoware/client/clienttest/internal/answer"
)

func noContent() *answer.Answer {
	return &answer.Answer{Status: http.StatusNoContent, Header: http.Header{}}
}

func noObject() *answer.Answer {
	return answer.Refusal(http.StatusBadRequest, "", "Die Anfrage enthält kein gültiges JSON-Objekt.")
}

func badMember(name, problem string) *answer.Answer {
	return answer.Refusal(http.StatusBadRequest, name, "Das Feld "+name+" "+problem+".")
}

func badParameter(name, problem string) *answer.Answer {
	return answer.Refusal(http.StatusBadRequest, name, "Der Parameter "+name+" "+problem+".")
}

func tooLarge() *answer.Answer {
	return answer.Refusal(http.StatusRequestEntityTooLarge, "", "Die Anfrage ist zu groß.")
}

func full() *answer.Answer {
	return answer.Refusal(http.StatusInsufficientStorage, "",
		"Diese Testkanzlei nimmt nichts mehr auf: Gelöschtes macht Platz, ein Neustart auch.")
}

// created answers with a new row and where it is.
func created(c *call, number int, row any) *answer.Answer {
	a := answer.JSON(http.StatusCreated, row)
	a.Header.Set("Location", strings.TrimSuffix(c.URL.Path, "/")+"/"+strconv.Itoa(number))
	return a
}
