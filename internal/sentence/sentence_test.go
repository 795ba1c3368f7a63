package sentence_test

import (
	"encoding/json"
	"fmt"
	"html"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/client/reason"
	"github.com/advoware-go/advoware/internal/sentence"
)

// sentences are the vendor's, as far as their parts are known, with words around them.
var sentences = map[string]reason.Reason{
	"Falscher Name oder falsches Kennwort":                                       reason.WrongCredentials,
	"Falscher Name oder falsches Kennwort!":                                      reason.WrongCredentials,
	"Benutzer / Kennwort ungültig":                                               reason.WrongCredentials,
	"Benutzername oder Kennwort sind falsch.":                                    reason.WrongCredentials,
	"Der Benutzer ist nicht registriert.":                                        reason.WrongCredentials,
	"Das Produkt ist nicht freigeschaltet":                                       reason.NotEnabled,
	"Der Mitarbeiter Müller wurde für das Produkt 64 noch nicht freigeschaltet.": reason.NotEnabled,
	"Die Anwendung muss für die Kanzlei freigeschaltet werden":                   reason.NotEnabled,
	"Die Kanzlei 'Müller & Söhne' ist nicht registriert.":                        reason.NotRegistered,
	"Die Datenbank MUELLER ist nicht registriert":                                reason.NotRegistered,
	"Die Kanzlei \"Müller\" ist nicht angemeldet.":                               reason.NotConnected,
	"Die Datenbank MUELLER der Kanzlei Müller ist nicht angemeldet":              reason.NotConnected,
	"Benutzer XY: Die Kanzlei ist nicht angemeldet":                              reason.NotConnected,
	"Die Lizenz ist abgelaufen.":                                                 reason.Licence,
	"Es ist keine Lizenz verfügbar":                                              reason.Licence,
	"Die maximale Anzahl gleichzeitiger Lizenzen ist erreicht":                   reason.Licence,

	"Der Benutzer ist nicht angemeldet.":             reason.Unknown,
	"Ihre Sitzung ist nicht angemeldet.":             reason.Unknown,
	"Die Datenbank ist nicht erreichbar.":            reason.Unknown,
	"Token ist nicht registriert":                    reason.Unknown,
	"Das Token ist nicht angemeldet":                 reason.Unknown,
	"Die Sitzung 4711 ist nicht registriert.":        reason.Unknown,
	"Sie haben sich zu oft angemeldet.":              reason.Unknown,
	"Der Mist nicht registriert":                     reason.Unknown,
	"Lizenz: GPL":                                    reason.Unknown,
	"Ihr Kennwort wurde geändert.":                   reason.Unknown,
	"":                                               reason.Unknown,
	"Ein Fehler ist aufgetreten: Internal Server Er": reason.Unknown,
}

func asJSON(s string) string {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// escaped writes what is not plain as \u00fc, as .NET and Python do.
func escaped(s string) string {
	var b strings.Builder
	for _, r := range asJSON(s) {
		if r > '~' || strings.ContainsRune("&'<>+", r) {
			fmt.Fprintf(&b, `\u%04X`, r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

func latin1(s string) string {
	var b []byte
	for _, r := range s {
		b = append(b, byte(r))
	}
	return string(b)
}

// forms are ways in which a sentence may stand in an answer.
var forms = map[string]func(string) string{
	"plain":               func(s string) string { return s },
	"Latin-1":             latin1,
	"question marks":      func(s string) string { return strings.ReplaceAll(latin1(s), "\xfc", "?") },
	"capitals":            func(s string) string { return strings.ToUpper(s) },
	"lower case":          func(s string) string { return strings.ToLower(s) },
	"over lines":          func(s string) string { return strings.ReplaceAll(s, " ", "\r\n  ") },
	"no-break spaces":     func(s string) string { return strings.ReplaceAll(s, " ", "\u00a0") },
	"the same in Latin-1": func(s string) string { return strings.ReplaceAll(latin1(s), " ", "\xa0") },
	"JSON":                func(s string) string { return `{"status":401,"message":` + asJSON(s) + `}` },
	"JSON, indented":      func(s string) string { return "{\n  \"Message\" : " + asJSON(s) + ",\n  \"ExceptionType\" : null\n}" },
	"JSON in Latin-1":     func(s string) string { return latin1(`{"message":` + asJSON(s) + `}`) },
	"JSON, escaped":       func(s string) string { return `{"message":` + escaped(s) + `}` },
	"JSON, in lower case": func(s string) string { return `{"message":` + strings.ToLower(escaped(s)) + `}` },
	"JSON, every sign": func(s string) string {
		var b strings.Builder
		for _, r := range s {
			fmt.Fprintf(&b, `\u%04x`, r)
		}
		return `{"message":"` + b.String() + `"}`
	},
	"JSON, over lines": func(s string) string { return `{"message":` + asJSON(strings.ReplaceAll(s, " ", "\n")) + `}` },
	"JSON in JSON":     func(s string) string { return asJSON(`{"message":` + asJSON(s) + `}`) },
	"a JSON string":    asJSON,
	"a JSON list":      func(s string) string { return `["a",` + asJSON(s) + `,"b"]` },
	"JSON that breaks off": func(s string) string {
		return `{"error":"invalid_grant","error_description":` + asJSON(s) + `,"trace":["at Advoware.`
	},
	"HTML": func(s string) string { return "<html><body><h1>" + html.EscapeString(s) + "</h1></body></html>" },
	"HTML entities": func(s string) string {
		return "<p>" + strings.ReplaceAll(html.EscapeString(s), "ü", "&uuml;") + "</p>"
	},
	"HTML, by number":   func(s string) string { return strings.ReplaceAll(html.EscapeString(s), "ü", "&#252;") },
	"HTML, nbsp":        func(s string) string { return strings.ReplaceAll(html.EscapeString(s), " ", "&nbsp;") },
	"HTML, with tags":   func(s string) string { return "<b>" + strings.ReplaceAll(s, " ", "</b> <b class=\"x\">") + "</b>" },
	"HTML, with breaks": func(s string) string { return strings.ReplaceAll(s, " ", "<br/>") },
	"HTML in JSON":      func(s string) string { return `{"message":` + escaped("<p>"+html.EscapeString(s)+"</p>") + `}` },
	"XML": func(s string) string {
		return `<?xml version="1.0"?><Error><Message>` + html.EscapeString(s) + "</Message></Error>"
	},
	"XML, as it is": func(s string) string {
		return `<?xml version="1.0"?><Error><Message><![CDATA[` + s + `]]></Message></Error>`
	},
	"a mark":       func(s string) string { return "\xef\xbb\xbf" + s },
	"after a page": func(s string) string { return strings.Repeat("<p>.</p>\n", 800) + s },
	"a problem": func(s string) string {
		return `{"type":"about:blank","title":"Unauthorized","status":401,"detail":` + asJSON(s) + `,"instance":"/api/v1/Token"}`
	},
}

func TestSentencesInAllForms(t *testing.T) {
	for text, want := range sentences {
		for name, form := range forms {
			if got := sentence.Reason([]byte(form(text))); got != want {
				t.Errorf("%s: %q: %v, want %v", name, form(text), got, want)
			}
		}
	}
}

// Words that do not stand together as the vendor writes them are no sentence.
func TestWhatIsNoSentence(t *testing.T) {
	for _, text := range []string{
		`{"freigeschaltet":false,"message":"unbekannt"}`,
		`{"ist nicht registriert" : true}`,
		`{"a":"Die Kanzlei ist nicht","b":"angemeldet"}`,
		`{"kennwort":"ungeprüft"}`,
		`["ist","nicht","angemeldet"]`,
		`<freigeschaltet>false</freigeschaltet>`,
		`<input name="freigeschaltet" value="ist nicht registriert">`,
		`<a href="/ist nicht angemeldet">weiter</a>`,
		`Kennwort_ung`[:8],
	} {
		if got := sentence.Reason([]byte(text)); got != reason.Unknown {
			t.Errorf("%s: %v", text, got)
		}
	}
}

// Of several sentences the one about the password counts: accounts get locked.
func TestPasswordComesFirst(t *testing.T) {
	for text, want := range map[string]reason.Reason{
		"Die Kanzlei ist nicht angemeldet. Falscher Name oder falsches Kennwort.": reason.WrongCredentials,
		"Nicht freigeschaltet, oder Benutzer / Kennwort ungültig":                 reason.WrongCredentials,
		"Das Produkt ist nicht freigeschaltet, die Kanzlei ist nicht registriert": reason.NotRegistered,
		"Die Lizenz ist nicht freigeschaltet":                                     reason.NotEnabled,
	} {
		if got := sentence.Reason([]byte(text)); got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
}

// A name or a password that is made of the vendor's words, and is repeated by the answer,
// does not decide.
func TestEchoDoesNotDecide(t *testing.T) {
	for _, tt := range []struct {
		text string
		sent []string
		want reason.Reason
	}{
		{`Unbekannt: "ist nicht registriert"`, []string{"Ist nicht registriert GmbH"}, reason.Unknown},
		{`{"message":"Unbekannt: Für ist nicht angemeldet"}`, []string{"für ist nicht angemeldet"}, reason.Unknown},
		{`{"message":"Unbekannt: F\u00fcr ist nicht ange"}`, []string{"für ist nicht angemeldet"}, reason.Unknown},
		{`Kanzlei/Datenbank: ist/nicht angemeldet`, []string{"ist", "nicht angemeldet"}, reason.Unknown},
		{`Das Wort "freigeschaltet" ist unbekannt`, []string{"Freigeschaltet"}, reason.Unknown},
		{`abgewiesen: falsches Kennwort`, []string{`falsches "Kennwort"`}, reason.Unknown},
		{`abgewiesen: Lizenz nicht`, []string{`Lizenz`}, reason.Unknown},
		{`Kanzlei "ist nicht registriert": Falscher Name oder falsches Kennwort`, []string{"ist nicht registriert"}, reason.WrongCredentials},
		{`Die Kanzlei Nicht & Ist ist nicht registriert`, []string{"Nicht & Ist", "", "Kanzlei"}, reason.NotRegistered},
		{`Falscher Name oder falsches Kennwort`, []string{"Kennwort", "Name"}, reason.WrongCredentials},
		{`Falscher Name oder falsches Kennwort`, []string{"falsches-Kennwort", "Benutzer"}, reason.WrongCredentials},
		{`Benutzer / Kennwort ungültig`, []string{"kennwort-ungarn"}, reason.WrongCredentials},
	} {
		if got := sentence.Reason([]byte(tt.text), tt.sent...); got != tt.want {
			t.Errorf("%s from %q: %v, want %v", tt.text, tt.sent, got, tt.want)
		}
	}
}

// Some servers have the sentence in the status line, where the body says nothing.
func TestSentenceInTheStatusLine(t *testing.T) {
	for _, tt := range []struct {
		status, text, sent string
		want               reason.Reason
	}{
		{"401 Die Kanzlei ist nicht angemeldet", "", "", reason.NotConnected},
		{"500 Benutzer / Kennwort ung\xfcltig", "<html><h1>Fehler</h1></html>", "", reason.WrongCredentials},
		{"401 Die Kanzlei ist nicht angemeldet", "Das Produkt ist nicht freigeschaltet", "", reason.NotEnabled},
		{"401 Unauthorized", "", "", reason.Unknown},
		{"", "", "", reason.Unknown},
		{"401 Unbekannt: ist nicht angemeldet", "", "Ist nicht angemeldet GmbH", reason.Unknown},
	} {
		if got := sentence.OfAnswer(tt.status, []byte(tt.text), tt.sent); got != tt.want {
			t.Errorf("%q %q: %v, want %v", tt.status, tt.text, got, tt.want)
		}
	}
}

// A 401 that may mean the token costs it, whatever else it says.
func TestSparesToken(t *testing.T) {
	for text, want := range map[string]bool{
		"Die Kanzlei Müller ist nicht angemeldet": true, "Die Kanzlei Müller ist nicht registriert": true, "Das Produkt ist nicht freigeschaltet": true,
		"Benutzer / Kennwort ungültig": false, "Die Lizenz ist abgelaufen": false, "": false,
		"Token ist nicht registriert": false, "Das Token der Kanzlei Müller ist nicht registriert": false, "Für dieses Token nicht freigeschaltet": false,
		`{"error":"invalid_token","message":"Die Kanzlei ist nicht angemeldet"}`: false, "Sitzung abgelaufen: Kanzlei ist nicht angemeldet": false,
		`{"token":null,"message":"Die Kanzlei ist nicht angemeldet"}`: true,
	} {
		if got := sentence.SparesToken("401 Unauthorized", []byte(text)); got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
		if got := sentence.SparesToken("401 "+text, nil); got != want && text[:min(len(text), 1)] != "{" {
			t.Errorf("in the status line: %s: %v, want %v", text, got, want)
		}
	}
}

func TestNoMoreThanTheBeginningIsSearched(t *testing.T) {
	const text = "die Kanzlei ist nicht registriert"
	for at, want := range map[int]reason.Reason{
		0: reason.NotRegistered, sentence.Searched - len(text): reason.NotRegistered,
		sentence.Searched - len(text) + 1: reason.Unknown, 1 << 20: reason.Unknown,
	} {
		if got := sentence.Reason([]byte(strings.Repeat(" ", at) + text)); got != want {
			t.Errorf("at %d: %v, want %v", at, got, want)
		}
	}
}

// FuzzReason: whatever an answer has in it, a reason is found in it with a wall around it
// too, and what cannot be a sentence is none.
func FuzzReason(f *testing.F) {
	for text := range sentences {
		for _, form := range forms {
			f.Add([]byte(form(text)), "Müller")
		}
	}
	for _, text := range []string{`\`, `\u`, `\u00`, `"`, `<`, `<a`, `<a>`, `&`, `&#`, `\\\\\\u00fc`, `":`, "\xff<\xff>"} {
		f.Add([]byte(text), text)
	}
	f.Fuzz(func(t *testing.T, text []byte, sent string) {
		got := sentence.Reason(text, sent)
		if got != reason.Unknown && got != sentence.Reason(text[:min(len(text), sentence.Searched)], sent) {
			t.Errorf("%q: %v came from beyond what is searched", text, got)
		}
		if echoed := sentence.Reason([]byte(sent), sent); echoed != reason.Unknown && echoed != reason.WrongCredentials && !strings.ContainsAny(sent, `\&<>"`) {
			t.Errorf("%q: %v by an echo", sent, echoed)
		}
	})
}
