package main_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// modules are what go test meets, and what must be told of it, besides the status.
var modules = []struct {
	name, test string
	flags      []string
	status     int
	want       []string
	wantNot    string
}{
	{"good", `func TestGood(t *testing.T) { t.Log("unwanted") }`, nil, 0, []string{"ok  \texample.test/good\t", "DONE 1 tests in 1 packages, 0 skipped, 0 failed"}, "unwanted"},
	{"bad", `func TestBad(t *testing.T) { t.Error("because") }`, nil, 1, []string{"--- FAIL: TestBad", "because", "FAIL\texample.test/bad\t", "\nFAILED bad TestBad\nDONE 1 tests in 1 packages, 0 skipped, 2 failed, in"}, "ok  \t"},
	{"panics", `func TestPanics(t *testing.T) { panic("because") }`, nil, 1, []string{"panic: because", "main_test.go:", "FAIL\texample.test/panics\t"}, "ok  \t"},
	{"exits", `func TestExits(t *testing.T) { os.Exit(3) }`, nil, 1, []string{"FAIL\texample.test/exits\t"}, "ok  \t"},
	{"exits well", `func TestExits(t *testing.T) { os.Exit(0) }`, nil, 1, []string{"panic: unexpected call to os.Exit(0)"}, "ok  \t"},
	{"hangs", `func TestHangs(t *testing.T) { select {} }`, []string{"-timeout=100ms"}, 1, []string{"FAIL\texample.test/hangs", "1 × select (no cases)\n\texample.test/hangs.TestHangs main_test.go:", "\nFAILED hangs TestHangs\nDONE"}, "ok  \t"},
	{"hangs in a bubble", `func TestHangs(t *testing.T) { synctest.Test(t, func(*testing.T) {
		var mu sync.Mutex
		mu.Lock()
		for range 3 { go mu.Lock() }
		time.Sleep(time.Hour)
	}) }`, []string{"-timeout=200ms"}, 1, []string{"3 × sync.Mutex.Lock, synctest bubble 1, so that time does not pass in the bubble\n\tcreated by example.test/hangs_in_a_bubble.TestHangs"}, "ok  \t"},
	{"does not compile", `func TestX(t *testing.T) { missing() }`, nil, 1, []string{"undefined: missing", "FAIL\texample.test/does_not_compile"}, "ok  \t"},
	{"is not vetted", `func TestX(t *testing.T) { t.Errorf("%d", "x") }`, nil, 1, []string{"has arg \"x\" of wrong type", "FAIL\texample.test/is_not_vetted"}, "ok  \t"},
	{"skips", `func TestSkips(t *testing.T) { t.Skip("no server") }`, nil, 0, []string{"SKIP skips TestSkips: no server", "1 skipped"}, ""},
	{"unknown flag", `func TestX(t *testing.T) {}`, []string{"-nonsense"}, 1, []string{"nonsense"}, "ok  \t"},
}

func TestWhatGoTestMeetsIsTold(t *testing.T) {
	gotest := build(t)
	for _, m := range modules {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			dir := module(t, strings.ReplaceAll(m.name, " ", "_"), m.test)
			cmd := exec.Command(gotest, append(append([]string{"--", dir}, m.flags...), "./...")...)
			out, _ := cmd.CombinedOutput()
			if got := cmd.ProcessState.ExitCode(); got != m.status {
				t.Errorf("status %d, want %d", got, m.status)
			}
			for _, part := range m.want {
				if !strings.Contains(string(out), part) {
					t.Errorf("%q is missing", part)
				}
			}
			if m.wantNot != "" && strings.Contains(string(out), m.wantNot) {
				t.Errorf("%q is not wanted", m.wantNot)
			}
			if t.Failed() {
				t.Logf("it said:\n%s", out)
			}
		})
	}
}

// Several runs side by side have one report, and fail if one does.
func TestRunsSideBySide(t *testing.T) {
	gotest := build(t)
	good, bad := module(t, "one", `func TestA(t *testing.T) {}`), module(t, "two", `func TestB(t *testing.T) { t.Fatal(os.Getenv("GOMAXPROCS") + " is set") }`)
	out, err := exec.Command(gotest, "--", "GOFLAGS=-mod=readonly", good, "./...", "--", "GOFLAGS=-mod=mod", "GOMAXPROCS=1", bad, ".").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "ok  \texample.test/one\t") || !strings.Contains(string(out), "FAIL\texample.test/two\t") ||
		!strings.Contains(string(out), ": 1 is set\n") || !strings.Contains(string(out), "    in example.test/two (GOMAXPROCS=1)\n") ||
		!strings.Contains(string(out), "DONE 2 tests in 2 packages") {
		t.Errorf("%v:\n%s", err, out)
	}
}

// goEnv makes this program, under the name of go, the go command of
// TestOthersBeginWithTheFirstTest; it is the folder of what has begun.
const goEnv = "GOTEST_GO"

// What follows ++ begins when the run before it has ended, even if that failed.
func TestRunsOneAfterAnother(t *testing.T) {
	gotest := build(t)
	log := filepath.Join(t.TempDir(), "log")
	note := func(name string) string {
		return fmt.Sprintf(`func TestA(t *testing.T) {
			f, err := os.OpenFile(%q, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
			if err != nil { t.Fatal(err) }
			defer f.Close()
			fmt.Fprintln(f, "%s begins")
			<-time.After(200 * time.Millisecond)
			fmt.Fprintln(f, "%s ends")
			t.Fail()
		}`, log, name, name)
	}
	first, second, third := module(t, "one", note("one")), module(t, "two", note("two")), module(t, "three", note("three"))
	out, err := exec.Command(gotest, "--", first, "./...", "++", second, "./...", "++", third, "./...").CombinedOutput()
	if err == nil || strings.Count(string(out), "--- FAIL: TestA") != 6 { // at once, and again at the end
		t.Errorf("%v, it said:\n%s", err, out)
	}
	const want = "one begins\none ends\ntwo begins\ntwo ends\nthree begins\nthree ends\n"
	if got, err := os.ReadFile(log); string(got) != want {
		t.Errorf("%q, %v", got, err)
	}
}

func TestMain(m *testing.M) {
	if began := os.Getenv(goEnv); began != "" {
		fakeGo(began)
		return
	}
	os.Exit(m.Run())
}

// fakeGo is a `go test` whose test is under way while another one has begun, and not before.
func fakeGo(began string) {
	if os.Args[1] != "test" {
		return
	}
	dir, _ := os.Getwd()
	_ = os.WriteFile(filepath.Join(began, filepath.Base(dir)), nil, 0o600)
	other := filepath.Join(began, "two")
	if filepath.Base(dir) == "one" {
		fmt.Println(`{"Action":"start","Package":"one"}`)
		if appears(other, 300*time.Millisecond) {
			fmt.Println("two began while one was compiled")
		}
		fmt.Println(`{"Action":"run","Package":"one","Test":"TestOne"}`)
		if !appears(other, time.Minute) {
			fmt.Println("two did not begin while one was tested")
		}
	}
	fmt.Println(`{"Action":"pass","Package":"` + filepath.Base(dir) + `"}`)
}

func appears(file string, within time.Duration) bool {
	for deadline := time.Now().Add(within); time.Now().Before(deadline); <-time.After(5 * time.Millisecond) {
		if _, err := os.Stat(file); err == nil {
			return true
		}
	}
	return false
}

// Two go commands that begin together each compile what both need.
func TestOthersBeginWithTheFirstTest(t *testing.T) {
	gotest, bin, began := build(t), t.TempDir(), t.TempDir()
	self, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	name := "go"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	if err := os.WriteFile(filepath.Join(bin, name), self, 0o700); err != nil {
		t.Fatal(err)
	}
	one, two := filepath.Join(t.TempDir(), "one"), filepath.Join(t.TempDir(), "two")
	for _, dir := range []string{one, two} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(gotest, "--", one, ".", "--", two, ".")
	cmd.Env = append(os.Environ(), goEnv+"="+began, "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	out, err := cmd.CombinedOutput()
	if err != nil || strings.Contains(string(out), "two ") || !strings.Contains(string(out), "DONE 0 tests in 2 packages") {
		t.Errorf("%v:\n%s", err, out)
	}
}

func TestWrongUse(t *testing.T) {
	gotest := build(t)
	for _, args := range [][]string{nil, {"./..."}, {"--"}, {"--", "."}, {"--", ".", "./...", "--"}} {
		cmd := exec.Command(gotest, args...)
		out, _ := cmd.CombinedOutput()
		if cmd.ProcessState.ExitCode() != 2 || !strings.HasPrefix(string(out), "usage: ") {
			t.Errorf("%q: status %d: %s", args, cmd.ProcessState.ExitCode(), out)
		}
	}
}

// build builds the command, which takes a moment when it was built before.
func build(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "gotest.exe")
	if out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return path
}

// module returns a folder with one package of one test.
func module(t *testing.T, name, test string) string {
	t.Helper()
	dir := t.TempDir()
	for file, text := range map[string]string{
		"go.mod":       "module example.test/" + name + "\n\ngo 1.26\n",
		"main_test.go": "package x\n\nimport (\n\t\"fmt\"\n\t\"os\"\n\t\"sync\"\n\t\"testing\"\n\t\"testing/synctest\"\n\t\"time\"\n)\n\nvar _, _, _, _, _ = os.Args, fmt.Sprint, time.Now, synctest.Wait, sync.OnceFunc\n\n" + test + "\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
