package main

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/spf13/cobra"

	"heyq/cmd/heyq/internal/screen"
	"heyq/heygen/simulator"
	"heyq/internal/fault"
)

func (p *program) simulator() *cobra.Command {
	c := &cobra.Command{
		Use:   "simulator",
		Short: "Serve a HeyGen that costs nothing",
		Long: `Serve a HeyGen that costs nothing: its v3 API with real, playable files.

It knows avatar_1 to avatar_5, voice_1 to voice_5 and template_1 (variables name
and company). GET /_sim/ledger tells what a customer would have paid for.

It misbehaves where it is told to: POST /_sim/faults, or --faults with a file of
the same JSON, such as

  {"seed":7,"rules":[{"on":"create","fault":"accept_reset","rate":0.1}]}

A name that it does not know is answered with those that it does. The header
X-Sim-Fault makes one fault happen to one request.`,
		Example: `  heyq simulator
  heyq simulator --faults faults.json
  HEYGEN_API_URL=http://127.0.0.1:9090 HEYGEN_API_KEY=any heyq up`,
		Args: wantsNone,
	}
	var options simulator.Options
	addr := c.Flags().String("addr", "127.0.0.1:9090", "where to listen")
	c.Flags().DurationVar(&options.RenderTime, "render-time", 3*time.Second, "how long a render takes")
	c.Flags().IntVar(&options.Concurrency, "concurrency", 10, "renders in flight before a create gets 429")
	c.Flags().DurationVar(&options.Latency, "latency", 0, "how long a create takes to be answered")
	c.Flags().BoolVar(&options.Plain, "plain", false, "give neither thumbnails nor captions, as HeyGen may")
	c.Flags().StringVar(&options.APIKey, "api-key", "", "the only key that is taken (default: any)")
	c.Flags().StringVar(&options.Dir, "dir", "", "folder that keeps its state (default: memory)")
	c.Flags().DurationVar(&options.WebhookRetry, "webhook-retry", 5*time.Second, "wait before a webhook's first retry; each later one is twice as long")
	c.Flags().BoolVar(&options.PlainSignature, "plain-signature", false, "sign webhooks in the header Signature alone, as HeyGen may")
	faults := c.Flags().String("faults", "", "file of the faults to begin with (default: none)")
	c.RunE = func(c *cobra.Command, _ []string) error {
		if options.RenderTime < 0 || options.Latency < 0 || options.WebhookRetry < 0 || options.Concurrency < 1 {
			return fault.New(fault.Invalid, "--render-time, --latency and --webhook-retry must not be negative, and --concurrency must be 1 or more")
		}
		sim, err := simulator.New(options)
		if err != nil {
			return fault.Wrap(err, fault.Unavailable, "the simulator cannot start: %v", err)
		}
		if err := setFaults(sim, *faults); err != nil {
			return errors.Join(err, sim.Close())
		}
		return errors.Join(p.serveSimulator(c.Context(), *addr, sim), sim.Close())
	}
	return c
}

// setFaults reads the file of --faults; an empty path means none.
func setFaults(sim *simulator.Simulator, path string) error {
	if path == "" {
		return nil
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "cannot read --faults: %v", err)
	}
	var faults simulator.Faults
	if err = json.Unmarshal(raw, &faults); err == nil {
		err = sim.SetFaults(faults)
	}
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "--faults %s: %v", path, err)
	}
	return nil
}

// serveSimulator serves until ctx ends, and then a moment more for those who
// are waiting for an answer.
func (p *program) serveSimulator(ctx context.Context, addr string, handler http.Handler) error {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return cannotListen(err, addr)
	}
	url := "http://" + listener.Addr().String()
	p.screen.Printf("%s HeyGen simulator at %s\n", screen.Good("✓"), screen.Bold(url))
	p.screen.Println(screen.Dim("  ledger: " + url + "/_sim/ledger"))

	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second,
		BaseContext: func(net.Listener) context.Context { return ctx }, // an answer that hangs on purpose ends here
	}
	stopped := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(stopped)
		late, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if server.Shutdown(late) != nil { // a client is connected and asks for nothing
			_ = server.Close()
		}
	})
	defer stop()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	<-stopped
	return nil
}

func cannotListen(err error, addr string) error {
	return fault.Wrap(err, fault.Unavailable, "cannot listen on %s: %v", addr, err).
		WithHint("choose another place with --addr")
}
