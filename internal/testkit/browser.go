package testkit

import (
	"context"
	"fmt"
	"os/exec"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"heyq/internal/testservers"
)

// browserTime is what a test with a browser may take on a machine that is very
// busy. Only a failing test needs it.
const browserTime = 10 * time.Minute

// Browser starts a Chromium without a window and with a profile of its own. It
// returns the context of its one tab, for chromedp.Do and chromedp.Run, which
// ends after two minutes; the browser ends with the test.
func Browser(t testing.TB) context.Context {
	t.Helper()
	program, err := exec.LookPath("chromium")
	if err != nil {
		mustStart(t, fmt.Errorf("chromium: %w", testservers.ErrMissing))
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], // no first run, no sync, nothing in the background
		chromedp.ExecPath(program), chromedp.UserDataDir(t.TempDir()), chromedp.WindowSize(1920, 1080),
		chromedp.NoSandbox, // it would not start as root, and sees our own pages only
		chromedp.DisableGPU, chromedp.Flag("disable-component-update", true),
	)
	ctx, cancel := context.WithTimeout(context.Background(), browserTime)
	t.Cleanup(cancel)
	ctx, stop := chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(stop)
	tab, closeTab := chromedp.NewContext(ctx)
	t.Cleanup(closeTab)
	mustStart(t, chromedp.Do(tab)) // with this context, or the browser ended with the first step
	return tab
}
