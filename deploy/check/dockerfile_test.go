package check_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	dockerfile "github.com/moby/buildkit/frontend/dockerfile/parser"
)

// root is the folder of the library.
const root = "../../"

// readDockerfile reads a Dockerfile as BuildKit does; a warning is an error.
func readDockerfile(text []byte) ([]instructions.Stage, error) {
	parsed, err := dockerfile.Parse(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	if len(parsed.Warnings) > 0 {
		return nil, fmt.Errorf("%+v", parsed.Warnings)
	}
	stages, _, err := instructions.Parse(parsed.AST, nil)
	return stages, err
}

func stages(t *testing.T) (build, final instructions.Stage) {
	t.Helper()
	all, err := readDockerfile(read(t, root+"deploy/Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 2 {
		t.Fatalf("%d stages", len(all))
	}
	return all[0], all[1]
}

// only returns the one command of a kind in a stage.
func only[T instructions.Command](t *testing.T, s instructions.Stage) T {
	t.Helper()
	var all []T
	for _, c := range s.Commands {
		if c, ok := c.(T); ok {
			all = append(all, c)
		}
	}
	if len(all) != 1 {
		t.Fatalf("%d of %T", len(all), *new(T))
	}
	return all[0]
}

func TestMistakesInADockerfileAreFound(t *testing.T) {
	t.Parallel()
	good := string(read(t, root+"deploy/Dockerfile"))
	for old, wrong := range map[string]string{
		"\nUSER ":               "\nUSERS ",
		"COPY --from=build":     "COPY --form=build",
		"--platform=":           "--plattform=",
		"STOPSIGNAL SIGTERM":    "STOPSIGNAL",
		"FROM scratch":          "FROM",
		" AS build\nWORKDIR":    " AS\nWORKDIR",
		"ARG VERSION=v0.0.0":    "ARG",
		"EXPOSE 8064 9464":      "EXPOSE",
		"RUN go mod download":   "RUN --muont=type=cache,target=/x go mod download",
		"COPY go.mod go.sum ./": "COPY go.mod",
	} {
		text := strings.Replace(good, old, wrong, 1)
		if text == good {
			t.Errorf("%q is not there", old)
		}
		if _, err := readDockerfile([]byte(text)); err == nil {
			t.Errorf("%q is taken", wrong)
		}
	}
}

func TestImageHasTheProgramAndNoMore(t *testing.T) {
	t.Parallel()
	build, final := stages(t)
	if final.BaseName != "scratch" {
		t.Errorf("FROM %s", final.BaseName)
	}
	entry := only[*instructions.EntrypointCommand](t, final)
	if entry.PrependShell || len(entry.CmdLine) != 1 {
		t.Errorf("ENTRYPOINT %q: there is no shell in the image", entry.CmdLine)
	}
	var copied []string
	for _, c := range final.Commands {
		if c, ok := c.(*instructions.CopyCommand); ok {
			if c.From != build.Name {
				t.Errorf("COPY --from=%s, and the stage is %s", c.From, build.Name)
			}
			copied = append(copied, c.SourcePaths[0]+" "+c.DestPath)
		}
	}
	want := []string{
		// The first file in which Go looks for them on Linux.
		"/etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/",
		"/out/advoware " + entry.CmdLine[0],
	}
	if diff := cmp.Diff(want, copied); diff != "" {
		t.Error(diff)
	}
	if user := only[*instructions.UserCommand](t, final).User; !regexp.MustCompile(`^[1-9][0-9]*:[1-9][0-9]*$`).MatchString(user) {
		t.Errorf("USER %s: Kubernetes knows by a number alone that it is not root", user)
	}
}

func TestImageIsBuiltByThePinnedGo(t *testing.T) {
	t.Parallel()
	build, _ := stages(t)
	image := regexp.MustCompile(`^golang:(\d+\.\d+)\.(\d+)-bookworm$`).FindStringSubmatch(build.BaseName)
	wanted := regexp.MustCompile(`(?m)^go (\d+\.\d+)\.(\d+)$`).FindStringSubmatch(string(read(t, root+"go.mod")))
	if image == nil || wanted == nil {
		t.Fatalf("FROM %s names no release of Go", build.BaseName)
	}
	has, _ := strconv.Atoi(image[2])
	least, _ := strconv.Atoi(wanted[2])
	if image[1] != wanted[1] || has < least {
		t.Errorf("FROM %s, and go.mod says %s", build.BaseName, wanted[0])
	}
}

// The program of the image is the one of the release.
func TestImageIsBuiltAsTheReleaseIs(t *testing.T) {
	t.Parallel()
	build, _ := stages(t)
	env := make(map[string]string)
	for _, v := range only[*instructions.EnvCommand](t, build).Env {
		env[v.Key] = v.Value
	}
	var line string
	for _, c := range build.Commands {
		if c, ok := c.(*instructions.RunCommand); ok && strings.Contains(c.CmdLine[0], "go build") {
			line = c.CmdLine[0]
		}
	}
	settings, args, ok := strings.Cut(line, " go build ")
	if !ok || settings != "GOOS=$TARGETOS GOARCH=$TARGETARCH" {
		t.Fatalf("RUN %s", line)
	}
	wantEnv, wantArgs := releaseBuild(t)
	for name, value := range wantEnv {
		if got, ok := env[name]; !ok || got != value {
			t.Errorf("ENV %s=%s, and the release has %s", name, got, value)
		}
	}
	args = strings.NewReplacer(`"-s -w -X main.version=$VERSION"`, "LDFLAGS", "/out/advoware", "OUT").Replace(args)
	if diff := cmp.Diff(wantArgs, strings.Fields(args)); diff != "" {
		t.Error(diff)
	}
}

// releaseBuild returns what release/source.go gives to go build: the environment, without
// the system that is built for, and the flags.
func releaseBuild(t *testing.T) (env map[string]string, args []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), root+"release/source.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	env = make(map[string]string)
	text := func(e ast.Expr) string {
		if lit, ok := e.(*ast.BasicLit); ok {
			s, _ := strconv.Unquote(lit.Value)
			return s
		}
		return ""
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CompositeLit:
			for _, e := range n.Elts {
				if name, value, ok := strings.Cut(text(e), "="); ok {
					env[name] = value
				}
			}
		case *ast.CallExpr:
			at := slices.IndexFunc(n.Args, func(e ast.Expr) bool { return text(e) == "build" })
			if at < 0 {
				return true
			}
			for _, e := range n.Args[at+1:] {
				switch e := e.(type) {
				case *ast.BasicLit:
					args = append(args, text(e))
				case *ast.BinaryExpr:
					if text(e.X) != "-s -w -X main.version=" {
						t.Errorf("the release has other flags for the linker: %q", text(e.X))
					}
					args = append(args, "LDFLAGS")
				default:
					args = append(args, "OUT")
				}
			}
		}
		return true
	})
	if len(env) == 0 || len(args) == 0 {
		t.Fatal("release/source.go builds in another way: change this test")
	}
	return env, args
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
