package chaos

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// Probe is one question to the API, and how it was answered.
type Probe struct {
	At         time.Time
	Took       time.Duration
	OK         bool
	Status     int // 0: no answer
	RetryAfter string
}

// prober asks the API for something that needs the database, a few times a
// second.
type prober struct {
	mu     sync.Mutex
	probes []Probe
}

func (p *prober) run(ctx context.Context, api string) {
	client := &http.Client{Timeout: 10 * time.Second}
	var all sync.WaitGroup
	defer all.Wait()
	for pause(ctx, 200*time.Millisecond) {
		all.Go(func() {
			probe := ask(ctx, client, api)
			if ctx.Err() != nil {
				return
			}
			p.mu.Lock()
			p.probes = append(p.probes, probe)
			p.mu.Unlock()
		})
	}
}

func ask(ctx context.Context, client *http.Client, api string) Probe {
	probe := Probe{At: time.Now()}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, api+"/v1/videos?per_page=1", nil)
	if err != nil {
		return probe
	}
	r.Header.Set("Authorization", "Bearer "+operatorToken)
	answer, err := client.Do(r)
	probe.Took = time.Since(probe.At)
	if err != nil {
		return probe
	}
	_ = answer.Body.Close()
	probe.OK, probe.Status, probe.RetryAfter = answer.StatusCode == http.StatusOK, answer.StatusCode, answer.Header.Get("Retry-After")
	return probe
}

func (p *prober) answers() []Probe {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]Probe(nil), p.probes...)
}
