package simulator_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"math/bits"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"heyq/heygen/simulator"
)

// fetched is what came of one download.
type fetched struct {
	status int
	header http.Header
	length int64 // as announced; -1: not at all
	body   string
	err    error
}

// fetch downloads link. It stops reading at most bytes.
func (a *account) fetch(ctx context.Context, link string, most int64, headers ...string) fetched {
	a.t.Helper()
	req, err := http.NewRequestWithContext(ctx, "GET", link, nil)
	if err != nil {
		a.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	client := &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	resp, err := client.Do(req)
	if err != nil {
		a.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, most))
	return fetched{resp.StatusCode, resp.Header, resp.ContentLength, string(body), err}
}

func TestFile_checksum(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{})
	v := get[video](a, "/v3/videos/"+a.create("one"))
	for _, link := range []string{v.VideoURL, v.ThumbnailURL, v.SubtitleURL} {
		whole := a.do("GET", link, nil)
		sum := sha256.Sum256([]byte(whole.body))
		want := base64.StdEncoding.EncodeToString(sum[:])
		part := a.do("GET", link, nil, "Range", "bytes=1-2")
		if whole.header.Get("x-amz-checksum-sha256") != want || part.header.Get("x-amz-checksum-sha256") != want {
			t.Errorf("%s: %v, %v, want %s", link, whole.header, part.header, want)
		}
	}
}

func TestFileFaults(t *testing.T) {
	t.Parallel()
	const most = 1 << 20
	type sent = fetched
	cases := map[string]func(whole string, got, ranged sent) bool{
		"truncated": func(whole string, got, ranged sent) bool {
			return got.length == int64(len(whole)) && got.body == whole[:len(whole)/2] && errors.Is(got.err, io.ErrUnexpectedEOF) &&
				ranged.status == 206 && ranged.body == whole[100:100+(len(whole)-100)/2] && errors.Is(ranged.err, io.ErrUnexpectedEOF)
		},
		"truncated_length": func(whole string, got, ranged sent) bool {
			return got.length == int64(len(whole)/2) && got.body == whole[:len(whole)/2] && got.err == nil &&
				ranged.status == 206 && ranged.body == whole[100:len(whole)/2]
		},
		"truncated_chunked": func(whole string, got, ranged sent) bool {
			return got.length == -1 && got.body == whole[:len(whole)/2] && got.err == nil && ranged.length == -1
		},
		"no_range": func(whole string, got, ranged sent) bool {
			return got.header.Get("Accept-Ranges") == "" && got.body == whole && ranged.status == 200 && ranged.body == whole
		},
		"range_200": func(whole string, got, ranged sent) bool {
			return got.header.Get("Accept-Ranges") == "bytes" && got.body == whole && ranged.status == 200 && ranged.body == whole
		},
		"expired":      func(_ string, got, _ sent) bool { return got.status == 403 },
		"late":         func(_ string, got, _ sent) bool { return got.status == 404 },
		"server_error": func(_ string, got, _ sent) bool { return got.status == 500 },
		"html": func(_ string, got, _ sent) bool {
			return got.status == 200 && got.header.Get("Content-Type") == "text/html" && strings.HasPrefix(got.body, "<html>")
		},
		"bit_flip": func(whole string, got, _ sent) bool {
			turned := 0
			for i := range len(whole) {
				turned += bits.OnesCount8(whole[i] ^ got.body[i])
			}
			return len(got.body) == len(whole) && turned == 1
		},
		"endless": func(whole string, got, _ sent) bool {
			return got.length == -1 && got.err == nil && len(got.body) == most && strings.HasPrefix(got.body, whole)
		},
		"redirect_private": func(_ string, got, _ sent) bool {
			to := got.header.Get("Location")
			return got.status == 302 && (to == "http://169.254.169.254/" || to == "http://127.0.0.1:9/")
		},
	}
	for fault, good := range cases {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			c := newClock()
			a := start(t, simulator.Options{Clock: c.now})
			link := get[video](a, "/v3/videos/"+a.create("one")).VideoURL
			whole := a.do("GET", link, nil)

			a.faulty(simulator.Rule{On: "file", Fault: fault})
			got, ranged := a.fetch(t.Context(), link, most), a.fetch(t.Context(), link, most, "Range", "bytes=100-")
			if !good(whole.body, got, ranged) {
				t.Errorf("whole: %d, length %d, %d bytes, %v\nrange: %d, length %d, %d bytes, %v", got.status, got.length, len(got.body), got.err,
					ranged.status, ranged.length, len(ranged.body), ranged.err)
			}
			if sum := got.header.Get("x-amz-checksum-sha256"); sum != "" && sum != whole.header.Get("x-amz-checksum-sha256") {
				t.Error("the checksum is not the true file's")
			}
			if a.fired("file/"+fault) == 0 {
				t.Error("it did not fire")
			}
			a.faulty()
			if r := a.do("GET", link, nil); r.status != 200 || r.body != whole.body {
				t.Errorf("afterwards: %d, %d bytes", r.status, len(r.body))
			}
		})
	}
}

func TestFileFaults_lateIsThereLater(t *testing.T) {
	t.Parallel()
	c := newClock()
	a := start(t, simulator.Options{RenderTime: time.Second, Clock: c.now})
	id := a.create("one")
	c.advance(time.Second)
	link := get[video](a, "/v3/videos/"+id).VideoURL
	a.faulty(simulator.Rule{On: "file", Fault: "late", Delay: 3 * time.Second})
	for _, want := range []int{404, 404, 404, 200} {
		if r := a.do("GET", link, nil); r.status != want {
			t.Errorf("%s: %d, want %d", c.now(), r.status, want)
		}
		c.advance(time.Second)
	}
}

func TestFileFaults_slow(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{})
	link := get[video](a, "/v3/videos/"+a.create("one")).VideoURL
	whole := a.do("GET", link, nil).body

	start := time.Now()
	got := a.fetch(t.Context(), link, 4, simFault, "slow")
	if took := time.Since(start); len(got.body) != 4 || took < 500*time.Millisecond || got.header.Get("Content-Length") != strconv.Itoa(len(whole)) {
		t.Errorf("%d bytes of %s in %s, %v", len(got.body), got.header.Get("Content-Length"), took, got.err)
	}
	if got := a.fetch(t.Context(), link, 1<<20, simFault, "slow; delay_ms=300"); got.body != whole {
		t.Errorf("%d bytes, %v", len(got.body), got.err)
	}
}
