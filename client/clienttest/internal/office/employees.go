package office

import (
	"net/http"
	"slices"

	"github.com/advoware-go/advoware/client/clienttest/internal/answer"
	"github.com/advoware-go/advoware/client/clienttest/internal/rest"
	"github.com/advoware-go/advoware/client/clienttest/internal/value"
)

// employee is an entry of /employees. All people are made up.
type employee struct {
	ID          int        `json:"id"`
	Kuerzel     string     `json:"kuerzel"`
	Anrede      string     `json:"anrede"`
	Vorname     string     `json:"vorname"`
	Nachname    string     `json:"nachname"`
	Funktion    string     `json:"funktion"`
	EMail       string     `json:"email"`
	Telefon     string     `json:"telefon"`
	Stundensatz value.Euro `json:"stundensatz"`
	Eintritt    string     `json:"eintritt"` // 2006-01-02
	Aktiv       bool       `json:"aktiv"`
	Fachgebiete []string   `json:"fachgebiete"`
}

func listEmployees(c *rest.Call) *answer.Answer {
	return rest.Page(c, len(employees), slices.Values(employees))
}

func oneEmployee(c *rest.Call) *answer.Answer {
	id, ok := c.Number(0)
	for _, e := range employees {
		if ok && e.ID == id {
			return answer.JSON(http.StatusOK, e)
		}
	}
	return answer.NotFound()
}

var employees = []employee{
	{1, "JM", "Frau", "Jördis", "Müller-Lüdenscheidt", "Rechtsanwältin und Notarin", "j.mueller@kanzlei.example", "+49 541 555-010", 32000, "2004-04-01", true, []string{"Erbrecht", "Gesellschaftsrecht"}},
	{2, "KS", "Herr", "Karl-Heinz", "Schäfer", "Rechtsanwalt", "k.schaefer@kanzlei.example", "+49 541 555-011", 28050, "2009-10-15", true, []string{"Verkehrsrecht"}},
	{3, "ÖY", "Frau", "Özlem", "Yıldız", "Rechtsanwältin", "o.yildiz@kanzlei.example", "+49 541 555-012", 28050, "2015-01-02", true, []string{"Arbeitsrecht", "Sozialrecht"}},
	{4, "FG", "Herr", "François", "Groß", "Rechtsanwalt", "f.gross@kanzlei.example", "+49 541 555-013", 25000, "2018-07-01", true, []string{"Mietrecht"}},
	{5, "BW", "Frau", "Bärbel", "Weiß", "Rechtsanwaltsfachangestellte", "b.weiss@kanzlei.example", "+49 541 555-020", 0, "1998-08-01", true, []string{}},
	{6, "TK", "Herr", "Thorben", "Köhler", "Notarfachangestellter", "t.koehler@kanzlei.example", "+49 541 555-021", 0, "2012-08-01", true, []string{}},
	{7, "LJ", "Frau", "Łucja", "Jäger", "Rechtsreferendarin", "l.jaeger@kanzlei.example", "+49 541 555-030", 9500, "2025-11-03", true, []string{"Strafrecht"}},
	{8, "HB", "Herr", "Hans-Jürgen", "Böhm", "Rechtsanwalt", "h.boehm@kanzlei.example", "+49 541 555-014", 31000, "1987-01-02", false, []string{"Familienrecht"}},
}
