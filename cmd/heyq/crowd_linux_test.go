package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// What strangers send without an end fills no memory, and keeps no client out: 300
// headers, and 150 bodies of deliveries, of up to 1 MB each. A process of heyq's has
// 256 MB in deploy/.
func TestE2E_crowd_of_strangers(t *testing.T) {
	t.Parallel()
	addr := freeAddr(t)
	c := startHeyq(t, t.TempDir(), addr)
	before := peakMemory(t, c)
	line := "X-Filling: " + strings.Repeat("x", 1000) + "\r\n"
	header := "GET / HTTP/1.1\r\nHost: heyq\r\n"
	delivery := "POST /webhooks/heygen HTTP/1.1\r\nHost: heyq\r\nHeygen-Signature: " + strings.Repeat("0", 64) + "\r\nContent-Length: 1000001\r\n\r\n"

	var strangers sync.WaitGroup
	stay := make(chan struct{})
	flood := func(n int, begin, more string) *sync.WaitGroup {
		var sent sync.WaitGroup
		for range n {
			sent.Add(1)
			strangers.Go(func() {
				conn, err := net.Dial("tcp", addr)
				if err != nil {
					sent.Done()
					return
				}
				defer conn.Close()
				_ = conn.SetDeadline(time.Now().Add(time.Minute))
				_, err = io.WriteString(conn, begin)
				for i := 0; i < 1000 && err == nil; i++ { // an error: it was cut off
					_, err = io.WriteString(conn, more)
				}
				sent.Done()
				<-stay
			})
		}
		return &sent
	}
	for _, sent := range []*sync.WaitGroup{flood(300, header, line), flood(150, delivery, strings.Repeat("x", 1000))} {
		sent.Wait()
	}
	answer, err := http.Get("http://" + addr + "/healthz")
	if err != nil {
		t.Errorf("a probe was kept out: %v", err)
	} else {
		_ = answer.Body.Close()
	}
	after := peakMemory(t, c)
	close(stay)
	strangers.Wait()
	t.Logf("at most %d MB of memory, %d MB before", after>>20, before>>20)
	if grown := after - before; grown > 100<<20 {
		t.Errorf("strangers made it take %d MB more", grown>>20)
	}
	c.stop(t)
}

// peakMemory is the most that a process has had in memory, in bytes.
func peakMemory(t *testing.T, c *child) int64 {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.pid()))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	var kilobytes int64
	if _, err := fmt.Sscanf(rest, "%d kB", &kilobytes); err != nil {
		t.Fatal(err)
	}
	return kilobytes << 10
}
