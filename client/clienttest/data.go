package clienttest

import "fmt"

// employee is an entry of /employees. All people are made up.
type employee struct {
	ID          int      `json:"id"`
	Kuerzel     string   `json:"kuerzel"`
	Anrede      string   `json:"anrede"`
	Vorname     string   `json:"vorname"`
	Nachname    string   `json:"nachname"`
	Funktion    string   `json:"funktion"`
	EMail       string   `json:"email"`
	Telefon     string   `json:"telefon"`
	Stundensatz euro     `json:"stundensatz"`
	Eintritt    string   `json:"eintritt"` // 2006-01-02
	Aktiv       bool     `json:"aktiv"`
	Fachgebiete []string `json:"fachgebiete"`
}

func (e employee) number() int { return e.ID }

// legalCase is an entry of /api/v1/Akten.
type legalCase struct {
	ID              int    `json:"id"`
	Aktenzeichen    string `json:"aktenzeichen"` // running number/year
	Kurzrubrum      string `json:"kurzrubrum"`
	Sachgebiet      string `json:"sachgebiet"`
	Sachbearbeiter  string `json:"sachbearbeiter"` // Kuerzel
	Gericht         string `json:"gericht,omitempty"`
	Gegenstandswert euro   `json:"gegenstandswert"`
	Anlagedatum     string `json:"anlagedatum"` // 2006-01-02
	Abgelegt        bool   `json:"abgelegt"`
}

func (c legalCase) number() int { return c.ID }

// euro is an amount in cents that is written in euros with two decimals: 250.00.
type euro int64

// MarshalJSON writes a number.
func (e euro) MarshalJSON() ([]byte, error) {
	sign := ""
	if e < 0 {
		sign, e = "-", -e
	}
	return fmt.Appendf(nil, "%s%d.%02d", sign, e/100, e%100), nil
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

var cases = []legalCase{
	{101, "00017/26", "Schröder ./. Nordwest Versicherung AG", "Verkehrsunfall", "KS", "AG Osnabrück", 482075, "2026-01-12", false},
	{102, "00023/26", "Kündigungsschutz Özdemir ./. Möbelhaus Grün GmbH", "Arbeitsrecht", "ÖY", "ArbG Münster", 1237500, "2026-01-19", false},
	{103, "00031/26", "WEG Süßmilchstraße 7 ./. Bäumler", "Wohnungseigentum", "FG", "AG Lübeck", 99999, "2026-01-23", false},
	{104, "00042/26", "Nachlass Weißenfels", "Erbrecht", "JM", "", 68000000, "2026-02-02", false},
	{105, "00388/25", "Gründung Fjällräven & Söhne OHG", "Gesellschaftsrecht", "JM", "", 5000000, "2025-06-30", false},
	{106, "01204/24", "Müller ./. Müller", "Ehescheidung", "HB", "AG Köln", 1050000, "2024-11-05", true},
}
