package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"heyq/client"
	"heyq/heygen/simulator"
	"heyq/internal/testservers"
	"heyq/wire"
)

// result is how long n things took.
type result struct {
	what             string
	n                int
	oneByOne, atOnce time.Duration
}

const (
	apiKey = "bench"
	token  = "bench-operator-token-0123456789"
)

// measure starts HeyGen and heyq, and takes the times of both ways.
func measure(ctx context.Context, o options, dir string) (results []result, err error) {
	sim, err := simulator.New(simulator.Options{Concurrency: 4 * o.creates, RenderTime: time.Hour, Sealed: true})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, sim.Close()) }()
	heygen := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(o.takes)
		sim.ServeHTTP(w, r)
	}))
	defer heygen.Close()
	heyq, stop, err := start(ctx, o, dir, heygen.URL)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, stop()) }()

	creates := result{what: "creates", n: o.creates}
	begin := time.Now()
	renders := make([]string, o.creates)
	for i := range renders {
		if renders[i], err = create(ctx, heygen.URL, i); err != nil {
			return results, err
		}
	}
	creates.oneByOne = time.Since(begin)

	before := sim.Ledger().Accepted
	videos := make([]wire.NewVideo, o.creates)
	for i := range videos {
		videos[i] = wire.NewVideo{Title: fmt.Sprint("bench ", i), Render: wire.Render{Script: "Hello!", AvatarID: "avatar_1", VoiceID: "voice_1"}}
	}
	begin = time.Now()
	items, err := heyq.Videos.CreateBatch(ctx, client.Batch{Videos: videos})
	if err != nil {
		return results, err
	}
	for sim.Ledger().Accepted < before+o.creates {
		select {
		case <-ctx.Done():
			return results, ctx.Err()
		case <-time.After(5 * time.Millisecond):
		}
	}
	creates.atOnce = time.Since(begin)
	results = append(results, creates)

	details := result{what: "details", n: o.details}
	begin = time.Now()
	for _, id := range renders[:o.details] {
		if _, err := call(ctx, http.MethodGet, heygen.URL+"/v3/videos/"+id, nil); err != nil {
			return results, err
		}
	}
	details.oneByOne = time.Since(begin)
	ids := make([]string, o.details)
	for i := range ids {
		ids[i] = items[i].ID
	}
	if err := known(ctx, heyq, ids); err != nil {
		return results, err
	}
	begin = time.Now()
	told, err := heyq.Videos.Lookup(ctx, wire.Lookup{IDs: ids})
	details.atOnce = time.Since(begin)
	if err != nil {
		return results, err
	}
	for _, item := range told {
		if item.HeyGen == nil {
			return results, fmt.Errorf("HeyGen told nothing of %s: %+v", item.ID, item.Error)
		}
	}
	return append(results, details), nil
}

// known waits until heyq has written down what HeyGen calls each video.
func known(ctx context.Context, heyq *client.Client, ids []string) error {
	for {
		items, err := heyq.Videos.Lookup(ctx, wire.Lookup{IDs: ids, Stored: true})
		if err != nil {
			return err
		}
		all := true
		for _, item := range items {
			all = all && item.Video != nil && item.Video.HeyGenID != nil
		}
		if all {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// create has HeyGen create a video, as a caller without heyq does it.
func create(ctx context.Context, url string, i int) (id string, err error) {
	body, err := json.Marshal(map[string]any{
		"type": "avatar", "title": fmt.Sprint("alone ", i), "script": "Hello!", "avatar_id": "avatar_1", "voice_id": "voice_1",
	})
	if err != nil {
		return "", err
	}
	answer, err := call(ctx, http.MethodPost, url+"/v3/videos", body)
	if err != nil {
		return "", err
	}
	var created struct {
		Data struct {
			VideoID string `json:"video_id"`
		}
	}
	return created.Data.VideoID, json.Unmarshal(answer, &created)
}

// call sends one request to HeyGen.
func call(ctx context.Context, method, url string, body []byte) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("X-Api-Key", apiKey)
	r.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	read, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode/100 != 2 {
		err = fmt.Errorf("%s %s: %s: %s", method, url, answer.Status, read)
	}
	return read, err
}

// start starts a heyq on SQLite, and returns a client of it.
func start(ctx context.Context, o options, dir, heygenURL string) (c *client.Client, stop func() error, err error) {
	addr, err := testservers.FreeAddr()
	if err != nil {
		return nil, nil, err
	}
	environ := []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "TMPDIR=" + dir, "HEYQ_DIR=" + filepath.Join(dir, "data"), "HEYQ_URL=http://" + addr,
		"HEYGEN_API_URL=" + heygenURL, "HEYGEN_API_KEY=" + apiKey, "HEYGEN_CONCURRENCY=" + strconv.Itoa(4*o.creates),
		"HEYQ_OPERATOR_TOKEN=" + token, "HEYQ_LOG_LEVEL=warn",
	}
	heyq := func(args ...string) *exec.Cmd {
		cmd := exec.CommandContext(ctx, o.Heyq, args...)
		cmd.Env, cmd.Stderr = environ, os.Stderr
		cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
		cmd.WaitDelay = 15 * time.Second
		return cmd
	}
	up := heyq("up", "--addr", addr)
	if err := up.Start(); err != nil {
		return nil, nil, err
	}
	stop = func() error { return errors.Join(up.Process.Signal(syscall.SIGTERM), up.Wait()) }
	if err := heyq("ready", "--wait", "30s").Run(); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("heyq is not ready: %w", err), stop())
	}
	return client.New("http://"+addr, token), stop, nil
}
