package study

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress shows on w how far a run that lasts so long has got, until the function
// that it returns is called. What is no terminal gets a line a run.
func progress(w io.Writer, what string, duration time.Duration) (stop func()) {
	if f, ok := w.(*os.File); !ok || !term.IsTerminal(int(f.Fd())) {
		fmt.Fprintln(w, what)
		return func() {}
	}
	const tick = 100 * time.Millisecond // rarely, so as not to disturb what is measured
	bar := progressbar.NewOptions64(int64(duration/tick),
		progressbar.OptionSetWriter(w), progressbar.OptionSetDescription(fmt.Sprintf("%-28s", what)),
		progressbar.OptionSetWidth(30), progressbar.OptionSetPredictTime(true), progressbar.OptionSetElapsedTime(false),
		progressbar.OptionSetTheme(progressbar.ThemeUnicode))
	ticker, done, ended := time.NewTicker(tick), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for began := time.Now(); ; {
			select {
			case <-ticker.C:
				_ = bar.Set64(min(int64(time.Since(began)/tick), bar.GetMax64()))
			case <-done:
				return
			}
		}
	}()
	return func() {
		ticker.Stop()
		close(done)
		<-ended
		_ = bar.Finish()
		fmt.Fprintln(w)
	}
}
