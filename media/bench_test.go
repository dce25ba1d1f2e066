package media_test

import (
	"fmt"
	"maps"
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"heyq/internal/durable"
	"heyq/media"
)

// BenchmarkPipeline takes a file of 60 KB from a loopback server to a published
// video, and each stage alone.
func BenchmarkPipeline(b *testing.B) {
	data := append(tiny(b), freeBox(60_000-len(tiny(b)))...)
	link, _ := host(b, func(_ int, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(len(data)))
		_, _ = w.Write(data)
	})
	l, _ := newLibrary(b)
	fetch := func(b *testing.B) *media.Spooled {
		b.Helper()
		spooled, err := l.Fetch(b.Context(), media.Source{URL: link})
		if err != nil {
			b.Fatal(err)
		}
		return spooled
	}
	b.Run("all", func(b *testing.B) {
		report(b)
		run := int64(0)
		for b.Loop() {
			run++
			video := "v" + strconv.FormatInt(run, 10)
			spooled := fetch(b)
			if _, err := media.Probe(b.Context(), spooled.Path); err != nil {
				b.Fatal(err)
			}
			publish(b, l, prefixOf(b, video, 1), spooled.Path)
		}
	})
	b.Run("fetch", func(b *testing.B) {
		report(b)
		for b.Loop() {
			if err := fetch(b).Remove(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("get alone", func(b *testing.B) {
		report(b)
		client := &http.Client{Transport: &http.Transport{}}
		buf := make([]byte, 64<<10)
		for b.Loop() {
			get(b, client, link, buf)
		}
	})
	b.Run("probe", func(b *testing.B) {
		report(b)
		spooled := fetch(b)
		for b.Loop() {
			if _, err := media.Probe(b.Context(), spooled.Path); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("publish", func(b *testing.B) {
		report(b)
		run := int64(0)
		for b.Loop() {
			run++
			publish(b, l, prefixOf(b, "p"+strconv.FormatInt(run, 10), 1), "")
		}
	})
}

// BenchmarkPipeline_parallel is the pipeline as workers run it: several at once.
func BenchmarkPipeline_parallel(b *testing.B) {
	data := append(tiny(b), freeBox(60_000-len(tiny(b)))...)
	link, _ := host(b, func(_ int, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(len(data)))
		_, _ = w.Write(data)
	})
	l, _ := newLibrary(b)
	next := numbers()
	b.SetParallelism(8)
	report(b)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			n := next()
			video := "v" + strconv.FormatInt(n, 10)
			spooled, err := l.Fetch(b.Context(), media.Source{URL: link})
			if err != nil {
				b.Error(err)
				return
			}
			if _, err := media.Probe(b.Context(), spooled.Path); err != nil {
				b.Error(err)
				return
			}
			if err := l.Publish(b.Context(), "videos/"+video+"/1/", media.File{Name: media.VideoName, Path: spooled.Path}); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

// BenchmarkFlush publishes a video of 60 KB with three files beside it, one or
// sixteen at a time, and flushes them in different ways.
//
//	go test -run='^$' -bench=Flush ./media
func BenchmarkFlush(b *testing.B) {
	files := []media.File{
		{Name: media.VideoName, Data: make([]byte, 60_000)},
		{Name: media.ThumbnailName, Data: make([]byte, 4000)},
		{Name: "metadata.json", Data: make([]byte, 500)},
		{Name: "script.txt", Data: make([]byte, 200)},
	}
	ways := map[string]func(...string) error{
		"nothing": func(...string) error { return nil },
		"one by one": func(paths ...string) error {
			for _, path := range paths {
				if err := durable.Sync(path); err != nil {
					return err
				}
			}
			return nil
		},
		"at once": durable.Sync,
	}
	for _, workers := range []int{1, 16} {
		for _, way := range slices.Sorted(maps.Keys(ways)) {
			b.Run(fmt.Sprintf("%s/%d", way, workers), func(b *testing.B) {
				l, _ := newLibrary(b)
				media.FlushBy(l, ways[way])
				next := numbers()
				b.SetParallelism((workers + runtime.GOMAXPROCS(0) - 1) / runtime.GOMAXPROCS(0))
				report(b)
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						if err := l.Publish(b.Context(), prefixOf(b, "v"+strconv.FormatInt(next(), 10), 1), files...); err != nil {
							b.Error(err)
							return
						}
					}
				})
			})
		}
	}
}

// report adds files a second and CPU microseconds a file, the server's share
// included.
func report(b *testing.B) {
	b.Helper()
	b.ReportAllocs()
	before := cpuTime(b)
	b.Cleanup(func() {
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "files/s")
		b.ReportMetric(float64((cpuTime(b)-before).Microseconds())/float64(b.N), "cpu-µs/op")
	})
}

func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func publish(b *testing.B, l *media.Library, prefix, path string) {
	b.Helper()
	if err := l.Publish(b.Context(), prefix, media.File{Name: media.VideoName, Path: path}); err != nil {
		b.Fatal(err)
	}
}

func get(b *testing.B, client *http.Client, link string, buf []byte) {
	b.Helper()
	req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, link, nil)
	if err != nil {
		b.Fatal(err)
	}
	resp, err := client.Do(req)
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close()
	for err == nil {
		_, err = resp.Body.Read(buf)
	}
}

// numbers returns a function that counts, from any goroutine.
func numbers() func() int64 {
	var n atomic.Int64
	return func() int64 { return n.Add(1) }
}
