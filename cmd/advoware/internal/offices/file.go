package offices

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/cmd/advoware/internal/strict"
	"github.com/advoware-go/advoware/internal/bounded"
)

const (
	maxFile    = 4 << 20
	maxOffices = 10_000
)

// variables are those that an office may have of its own, as members without ADVOWARE_ and in
// small letters. What is not here holds for all: they share the stores.
var variables = []string{
	"ADVOWARE_API_BASE_URL", "ADVOWARE_TOKEN_URL", "ADVOWARE_DISCOVERY", "ADVOWARE_DISCOVERY_URL",
	"ADVOWARE_PRODUCT_ID", "ADVOWARE_ROLE", "ADVOWARE_APP_ID", "ADVOWARE_API_KEY",
	"ADVOWARE_KANZLEI", "ADVOWARE_DATABASE", "ADVOWARE_USER", "ADVOWARE_PASSWORD",
	"ADVOWARE_API_TIMEOUT_SECONDS", "ADVOWARE_TOKEN_KEY", "ADVOWARE_ALLOW_INSECURE", "ADVOWARE_READ_ONLY",
	"ADVOWARE_API_TLS_CA_FILE", "ADVOWARE_API_TLS_SERVER_NAME", "ADVOWARE_API_TLS_CERT_FILE", "ADVOWARE_API_TLS_KEY_FILE", "ADVOWARE_API_TLS_PIN",
}

func member(variable string) string {
	return strings.ToLower(strings.TrimPrefix(variable, "ADVOWARE_"))
}

// nameForm is what an office can be called: its name is in paths and in the name of its token.
var nameForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$`)

var variableForm = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,99}$`)

// entry is one office of the file.
type entry struct {
	name, prefix string
	hosts        []string
	set          map[string]string // variables
	secret       bool              // a secret stands in the file itself
	cfg          advoware.Config
}

// read reads the file, and the configuration of each office.
func read(ctx context.Context, o Options) ([]entry, error) {
	text, info, err := content(ctx, o.File)
	if err != nil {
		return nil, err
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff")) // editors write it into files
	var raw []json.RawMessage
	err = strict.Members{"offices": func(value json.RawMessage) error {
		if json.Unmarshal(value, &raw) != nil || len(raw) == 0 || len(raw) > maxOffices {
			return fmt.Errorf("must be an array of 1 to %d objects", maxOffices)
		}
		return nil
	}}.Decode(text, "the file.")
	switch {
	case err != nil:
		return nil, err
	case len(raw) == 0:
		return nil, errors.New(`the file has no offices: it is an object such as {"offices": [{"name": "muster", …}]}`)
	}
	var entries []entry
	var problems []error
	for i, value := range raw {
		e, found := o.entry(value, i)
		problems = append(problems, found...)
		entries = append(entries, e)
	}
	problems = append(problems, clashes(entries)...)
	if len(problems) > 0 {
		return nil, joined(problems)
	}
	if runtime.GOOS != "windows" && info.Mode().IsRegular() && info.Mode().Perm()&0o077 != 0 && slices.ContainsFunc(entries, func(e entry) bool { return e.secret }) {
		o.Logger.Warn("the file of offices has secrets in it, and can be read by other users of this machine: chmod 600, or put them elsewhere", "file", o.File)
	}
	return entries, nil
}

// content reads a file, which may be a pipe that nobody writes to.
func content(ctx context.Context, name string) (text []byte, info fs.FileInfo, err error) {
	text, err = bounded.Do(ctx, func(context.Context) ([]byte, error) {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer func() { _ = f.Close() }()
		if info, err = f.Stat(); err != nil {
			return nil, err
		}
		return io.ReadAll(io.LimitReader(f, maxFile+1))
	})
	if path := (*fs.PathError)(nil); errors.As(err, &path) {
		err = path.Err
	}
	if err == nil && len(text) > maxFile {
		err = fmt.Errorf("is longer than %d bytes", maxFile)
	}
	return text, info, err
}

// entry reads one office.
func (o Options) entry(value json.RawMessage, i int) (e entry, problems []error) {
	e.set = make(map[string]string)
	members := strict.Members{"name": &e.name, "prefix": &e.prefix, "hosts": &e.hosts}
	for _, variable := range variables {
		members[member(variable)] = func(value json.RawMessage) error {
			text, inFile, err := o.text(value)
			if err != nil {
				return err
			}
			e.set[variable] = text
			e.secret = e.secret || inFile && (variable == "ADVOWARE_PASSWORD" || variable == "ADVOWARE_API_KEY")
			return nil
		}
	}
	where := fmt.Sprintf("offices[%d]", i)
	err := members.Decode(value, where+".")
	if e.name != "" {
		where = e.name
	}
	add := func(text string) { problems = append(problems, &problem{where, text}) }
	switch {
	case err != nil:
		add(err.Error())
	case e.name == "":
		add("name is required: it is what the office is called in paths, in logs and in Redis")
	case !nameForm.MatchString(e.name):
		add("name must be 1 to 63 letters, digits, dots, dashes and underscores: the Kanzlei has a member of its own")
	}
	if len(problems) > 0 {
		return e, problems
	}
	switch {
	case e.prefix == "" && len(e.hosts) == 0:
		e.prefix = "/" + e.name
	case e.prefix == "/":
		e.prefix = ""
	}
	e.prefix = strings.TrimSuffix(e.prefix, "/")
	e.cfg, err = advoware.ReadEnv(o.getenv(e), o.Store)
	var env *advoware.EnvError
	if errors.As(err, &env) {
		for _, p := range env.Problems {
			if slices.Contains(variables, p.Variable) {
				add(member(p.Variable) + " (or " + p.Variable + ") " + p.Problem)
			} else {
				problems = append(problems, fmt.Errorf("environment: %s %s", p.Variable, p.Problem)) // of all offices
			}
		}
	}
	e.cfg.Logger, e.cfg.ReadOnly = o.Logger.With("office", e.name), e.cfg.ReadOnly || o.ReadOnly
	return e, problems
}

// getenv returns where the variables of an office are read from.
func (o Options) getenv(e entry) func(string) string {
	return func(name string) string {
		value, own := e.set[name]
		switch {
		case own:
			return value
		case name == "ADVOWARE_TOKEN_KEY":
			return advoware.DefaultTokenKey + "_" + e.name
		}
		return o.Getenv(name)
	}
}

// text returns a value: as it stands there, or that of {"file": PATH} or {"env": NAME}.
func (o Options) text(value json.RawMessage) (text string, inFile bool, err error) {
	switch first := value[0]; {
	case first == '"':
		if err := json.Unmarshal(value, &text); err != nil {
			return "", false, errors.New("is no text")
		}
		return text, true, nil
	case first == 't' || first == 'f' || first == '-' || first >= '0' && first <= '9':
		return string(value), true, nil
	case first != '{':
		return "", false, errors.New(`must be a text, a number, true or false, {"file": PATH} or {"env": NAME}`)
	}
	var file, env *string
	take := func(to **string) func(json.RawMessage) error {
		return func(value json.RawMessage) error {
			var s string
			err := strict.Value(value, &s)
			*to = &s
			return err
		}
	}
	if err := (strict.Members{"file": take(&file), "env": take(&env)}).Decode(value, "its object."); err != nil {
		return "", false, fmt.Errorf("cannot be used: %w", err)
	}
	switch {
	case (file == nil) == (env == nil):
		return "", false, errors.New("must have either file or env")
	case env != nil && !variableForm.MatchString(*env):
		return "", false, errors.New("has an env that is no name of a variable") // it may be the secret itself
	case env != nil:
		if text = o.Getenv(*env); text == "" {
			return "", false, fmt.Errorf("is to be in the variable %s, which is not set", *env)
		}
		return text, false, nil
	}
	name := *file
	if !filepath.IsAbs(name) {
		name = filepath.Join(filepath.Dir(o.File), name)
	}
	content, _, err := content(context.Background(), name)
	if err != nil {
		return "", false, fmt.Errorf("is to be in the file %q, which cannot be read: %w", *file, err)
	}
	return strings.TrimRight(string(content), "\r\n"), false, nil
}

// clashes reports names and tokens that several offices have.
func clashes(entries []entry) (problems []error) {
	names, keys := make(map[string]bool), make(map[string]string)
	for _, e := range entries {
		if e.name != "" && names[e.name] {
			problems = append(problems, &problem{e.name, "name is there twice"})
		}
		names[e.name] = true
		key := e.cfg.TokenKey
		if other, taken := keys[key]; taken && key != "" && other != e.name {
			problems = append(problems, &problem{e.name, "token_key is that of office " + other + ": each needs one of its own"})
		}
		keys[key] = e.name
	}
	return problems
}

// joined is all problems in one line; what is said for each office and is the same stands there
// once.
func joined(problems []error) error {
	var all []string
	for _, p := range problems {
		if text := p.Error(); !slices.Contains(all, text) {
			all = append(all, text)
		}
	}
	return errors.New(strings.Join(all, "; "))
}
