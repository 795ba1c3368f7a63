package rest

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/advoware-go/advoware/client/clienttest/internal/answer"
)

// NoContent answers a DELETE.
func NoContent() *answer.Answer {
	return &answer.Answer{Status: http.StatusNoContent, Header: http.Header{}}
}

func noObject() *answer.Answer {
	return answer.Refusal(http.StatusBadRequest, "", "Die Anfrage enthält kein gültiges JSON-Objekt.")
}

// BadMember answers a body with a member that has that problem, in German.
func BadMember(name, problem string) *answer.Answer {
	return answer.Refusal(http.StatusBadRequest, name, "Das Feld "+name+" "+problem+".")
}

// BadParameter is BadMember for the query.
func BadParameter(name, problem string) *answer.Answer {
	return answer.Refusal(http.StatusBadRequest, name, "Der Parameter "+name+" "+problem+".")
}

func tooLarge() *answer.Answer {
	return answer.Refusal(http.StatusRequestEntityTooLarge, "", "Die Anfrage ist zu groß.")
}

// Full answers a write for which there is no room.
func Full() *answer.Answer {
	return answer.Refusal(http.StatusInsufficientStorage, "",
		"Diese Testkanzlei nimmt nichts mehr auf: Gelöschtes macht Platz, ein Neustart auch.")
}

// Created answers with a new row and where it is.
func Created(c *Call, number int, row any) *answer.Answer {
	a := answer.JSON(http.StatusCreated, row)
	a.Header.Set("Location", strings.TrimSuffix(c.URL.Path, "/")+"/"+strconv.Itoa(number))
	return a
}
