package office

import "math/rand/v2"

// All names are made up, with the letters that go wrong: umlauts, ß, quotes, &, <, a
// letter outside the basic plane.
var (
	surnames  = []string{"Schröder", "Weißenfels", "Özdemir", "Müller", "Groß", "Bäumler", "d'Alembert", "Yıldız", "Fjällräven", "O'Neill", "Süßmilch", "Çelik", "Żak", "von der Heide"}
	forenames = []string{"Jördis", "Karl-Heinz", "Özlem", "François", "Bärbel", "Łucja", "Hans-Jürgen", "Zoë", "Günther", "Renée"}
	opponents = []string{"Nordwest Versicherung AG", "Möbelhaus Grün GmbH", "WEG Süßmilchstraße 7", "Stadt Osnabrück", `"Zur Linde" Gaststätten KG`, "Schäfer & Söhne OHG", "unbekannt <1 von 2>"}
	fields    = []string{"Verkehrsunfall", "Arbeitsrecht", "Wohnungseigentum", "Erbrecht", "Gesellschaftsrecht", "Ehescheidung", "Sozialrecht", "Strafrecht"}
	courts    = []string{"AG Osnabrück", "ArbG Münster", "LG Köln", "AG Lübeck", "OLG Hamm", ""}
	streets   = []string{"Süßmilchstraße", "Am Alten Zollamt", "Große Gildewart", "Heger Straße", "Bürgermeister-Smidt-Straße"}
	towns     = []string{"49074 Osnabrück", "48143 Münster", "50667 Köln", "23552 Lübeck", "59065 Hamm"}
	subjects  = []string{"Gütetermin", "Besprechung mit Mandantin", "Ortsbesichtigung", "Erstgespräch", "Telefonat & Rückruf", "Mündliche Verhandlung", "Fristen prüfen", "Übergabe \U0001f511"}
	tasks     = []string{"Klageerwiderung prüfen", "Kostenfestsetzung beantragen", "Schriftsatz diktieren", "Vollmacht anfordern", "Rückfrage <Gegenseite>", "Rechnung schreiben"}
	rooms     = []string{"Besprechungszimmer Süd", "Saal 2", "Büro", "", "Café am Dom"}
)

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }
