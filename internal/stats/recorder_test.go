package stats

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
)

var errAway = errors.New("away")

func TestRecorder_sums_up(t *testing.T) {
	t.Parallel()
	r := New(Options{})
	for ms := 1; ms <= 100; ms++ {
		r.Record(Database, "SELECT videos", nil, time.Duration(ms)*time.Millisecond)
	}
	r.Record(Database, "BEGIN", errAway, 2*time.Second)
	r.Record(RedisOperation, "GET", nil, time.Millisecond)

	sum := r.Summary()
	database := sum.ByType[Database]
	selects := database.ByName["SELECT videos"]
	if selects.Total != 100 || selects.Failed != 0 || selects.Rate != 1 || selects.AverageMS != 50.5 || selects.MaxMS != 100 {
		t.Errorf("the selects are %+v", selects)
	}
	for _, q := range []struct{ got, want float64 }{{selects.P50MS, 50}, {selects.P95MS, 95}, {selects.P99MS, 99}} {
		if q.got < q.want || q.got > 1.01*q.want {
			t.Errorf("a quantile is %v, want %v within 1 %%", q.got, q.want)
		}
	}
	if database.Total != 101 || database.Successful != 100 || database.Failed != 1 || database.Rate != 100.0/101 || database.MaxMS != 2000 {
		t.Errorf("the database is %+v", database.Totals)
	}
	if sum.Total != 102 || sum.Failed != 1 {
		t.Errorf("all together are %+v", sum.Totals)
	}
	if files := sum.ByType[FileOperation]; files.Totals != (Totals{Rate: 1}) || len(files.ByName) != 0 {
		t.Errorf("without operations a type is %+v", files)
	}
}

func TestRecorder_takes_every_duration(t *testing.T) {
	t.Parallel()
	r := New(Options{})
	for _, took := range []time.Duration{-time.Second, 0, time.Nanosecond, 100 * time.Hour} {
		r.Record(HTTPRequest, "heygen create", nil, took)
	}
	sum := r.Summary()
	if sum.Total != 4 || sum.MaxMS != inMS(100*time.Hour) || sum.P99MS < inMS(longest) {
		t.Errorf("got %+v", sum.Totals)
	}
}

func TestRecorder_bounds_the_names(t *testing.T) {
	t.Parallel()
	r := New(Options{})
	for i := range 10 * mostNames {
		r.Record(FileOperation, fmt.Sprint("file ", i), nil, time.Millisecond)
	}
	files := r.Summary().ByType[FileOperation]
	if len(files.ByName) != mostNames || files.ByName[Other].Total != int64(9*mostNames+1) || files.Total != int64(10*mostNames) {
		t.Errorf("%d names, %d of them %s, %d in all", len(files.ByName), files.ByName[Other].Total, Other, files.Total)
	}
}

func TestRecorder_counts_what_comes_at_once(t *testing.T) {
	t.Parallel()
	r := New(Options{})
	var at sync.WaitGroup
	for worker := range 8 {
		at.Go(func() {
			for i := range 1000 {
				r.Record(Database, fmt.Sprint("name ", (worker+i)%10), nil, time.Duration(i)*time.Microsecond)
				if i%100 == 0 {
					_ = r.Summary()
				}
			}
		})
	}
	at.Wait()
	if got := r.Summary().Total; got != 8000 {
		t.Errorf("%d were counted, want 8000", got)
	}
}

func TestRecorder_logs_what_is_slow(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	r := New(Options{Slow: map[Type]time.Duration{Database: time.Second}, Logger: zerolog.New(&log)})
	r.Record(Database, "SELECT videos", nil, time.Second-1)
	r.Record(HTTPRequest, "heygen create", nil, time.Hour) // has no threshold
	if log.Len() > 0 {
		t.Fatalf("what is not slow is logged: %s", &log)
	}
	for range 100 {
		r.Record(Database, "create videos", errAway, 2*time.Second)
	}
	line, _, _ := strings.Cut(log.String(), "\n")
	const want = `{"level":"warn","type":"database","operation":"create videos","duration":2000,"slow_after":1000,"error":"away","message":"a slow operation"}`
	if lines := strings.Count(log.String(), "\n"); line != want || lines != slowLines {
		t.Errorf("%d lines, the first of them %s", lines, line)
	}
}

func BenchmarkRecord(b *testing.B) {
	r := New(Options{Slow: map[Type]time.Duration{Database: time.Second}})
	b.ReportAllocs()
	b.RunParallel(func(p *testing.PB) {
		for i := 0; p.Next(); i++ {
			r.Record(Database, "create videos", nil, time.Duration(i%10_000)*time.Microsecond)
		}
	})
}
