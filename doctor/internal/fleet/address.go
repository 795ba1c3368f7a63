package fleet

import (
	"encoding/json"
	"net/url"
	"strings"
	"time"

	"github.com/advoware-go/advoware/doctor/internal/check"
	"github.com/advoware-go/advoware/doctor/internal/link"
)

const failedFor = 10 * time.Minute // for which client/discovery remembers that there was no answer

// address says where the fleet believes the office to be, and since when. Whether the one who
// wrote it knew the API key is not looked at here: a client does.
func (k *kept) address(cfg Config) check.Check {
	v := k.note
	const want, hint = "an address that our processes wrote, or none", "another program has written it: it counts as nothing, and is replaced by the next answer of the vendor"
	switch {
	case v.wrongType():
		return group.Warning(discovery, "its key is not a string", want, hint)
	case v.err != nil:
		return unread(discovery, v.err)
	case v.absent():
		return group.OK(discovery, "nothing is remembered"+k.marks())
	}
	part := strings.SplitN(v.text, " ", 3)
	if len(part) != 3 || part[0] != "1" {
		return group.Warning(discovery, "its key has another form", want, hint)
	}
	if part[2] == "failed" {
		return group.Warning(discovery, "the vendor did not answer "+ago(failedFor-v.left())+", and is not asked again for "+seconds(v.left())+k.marks(), "an answer of the vendor", "see the group discovery; the defaults serve meanwhile")
	}
	var said struct{ RelayURL, SecurityGateway string }
	if err := json.Unmarshal([]byte(part[2]), &said); err != nil {
		return group.Warning(discovery, "its key has another form", want, hint)
	}
	return group.OK(discovery, "API "+origin(said.RelayURL)+", gateway "+origin(said.SecurityGateway)+", as the vendor said "+ago(cfg.Lifetime-v.left())+k.marks())
}

// marks says whether somebody asks the vendor at present.
func (k *kept) marks() string {
	text := ""
	if !k.asking.absent() && k.asking.err == nil {
		text += "; a process is asking the vendor"
	}
	if !k.moved.absent() && k.moved.err == nil {
		text += "; an address did not answer, and the vendor was asked within the last minute"
	}
	return text
}

func ago(d time.Duration) string {
	if d < 0 {
		return "lately"
	}
	return seconds(d) + " ago"
}

// origin is what is shown of a URL: neither a login nor a path.
func origin(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return "unreadable"
	}
	return link.Printable(u.Scheme+"://"+u.Host, maxText)
}
