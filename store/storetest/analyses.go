package storetest

import (
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"

	"heyq/store"
)

// claimAnalysis takes the one analysis that is due.
func (s *scene) claimAnalysis(video uuid.UUID) store.Claim {
	s.Helper()
	claims, err := s.db.ClaimAnalyses(s.ctx, 10)
	s.must(err)
	if len(claims) != 1 || claims[0].Video != video {
		s.Fatalf("due for analysis: %v, want %s", claims, video)
	}
	return claims[0]
}

func (s *scene) wantNoAnalysis() {
	s.Helper()
	claims, err := s.db.ClaimAnalyses(s.ctx, 10)
	s.must(err)
	if len(claims) > 0 {
		s.Fatalf("due for analysis: %v, want nothing", claims)
	}
}

func (s *scene) save(list ...store.Analysis) {
	s.Helper()
	s.must(s.db.SaveAnalyses(s.ctx, list))
}

// analysis is one of a video that lasts four seconds and costs 20 cents.
func analysis(video uuid.UUID, user, template string, completed time.Time) store.Analysis {
	return store.Analysis{
		VideoID: video, UserID: user, Template: template,
		QueueTime: time.Second, SubmitTime: 1500 * time.Millisecond, RenderTime: 7 * time.Minute, DownloadTime: 250 * time.Microsecond,
		File:  store.File{Bytes: 3_000_000_000, Duration: 4 * time.Second, Width: 1280, Height: 720},
		Price: 0.2, CompletedAt: completed,
	}
}

func (s *scene) rollup() int {
	s.Helper()
	n, err := s.db.Rollup(s.ctx)
	s.must(err)
	return n
}

func (s *scene) wantTotals(from, to time.Time, want ...store.DailyTotal) {
	s.Helper()
	got, err := s.db.DailyTotals(s.ctx, from, to)
	s.must(err)
	same := cmp.Comparer(func(a, b float64) bool { return a-b < 1e-6 && b-a < 1e-6 })
	if diff := cmp.Diff(want, got, same, cmpopts.EquateEmpty()); diff != "" {
		s.Fatalf("daily totals (-want +got):\n%s", diff)
	}
}

func (s *scene) wantSpent(want float64) {
	s.Helper()
	got, err := s.db.Spent(s.ctx)
	s.must(err)
	if diff := got - want; diff > 1e-6 || diff < -1e-6 {
		s.Errorf("%g was spent, want %g", got, want)
	}
}

func total(day time.Time, user, template string, videos int) store.DailyTotal {
	n := time.Duration(videos)
	return store.DailyTotal{
		Day: day, UserID: user, Template: template, Videos: videos, Duration: n * 4 * time.Second,
		Bytes: int64(videos) * 3_000_000_000, Price: float64(videos) * 0.2, RenderTime: n * 7 * time.Minute,
	}
}

var (
	monday  = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	tuesday = monday.AddDate(0, 0, 1)
	friday  = monday.AddDate(0, 0, 4)
)

var analysisTests = []test{
	{"a completed video is due for analysis, once", func(s *scene) {
		s.rendering()
		s.wantNoAnalysis()
		ended := s.end(store.Rendered(s.again(store.Poll)))
		s.wantNoAnalysis()
		r := s.beginOne(store.Download, *ended.Next)
		s.end(store.Downloaded(r, prefix, file))
		first := s.claimAnalysis(r.Video)
		s.wantNoAnalysis()
		s.advance(store.DefaultTiming.Redispatch)
		if again := s.claimAnalysis(r.Video); again.Claim <= first.Claim {
			s.Errorf("claims %d, then %d, want them to grow", first.Claim, again.Claim)
		}
		s.save(analysis(r.Video, "ada", "", monday))
		s.advance(1000 * time.Hour)
		s.wantNoAnalysis()
	}},
	{"one that failed is due later, and dropped at last", func(s *scene) {
		id := s.completed()
		for range 2 {
			s.claimAnalysis(id)
			s.must(s.db.FailAnalyses(s.ctx, []uuid.UUID{id}, time.Minute, 3))
			s.advance(time.Minute - margin)
			s.wantNoAnalysis()
			s.advance(margin)
		}
		s.claimAnalysis(id)
		s.must(s.db.FailAnalyses(s.ctx, []uuid.UUID{id}, time.Minute, 3))
		s.advance(1000 * time.Hour)
		s.wantNoAnalysis()
		s.wantState(id, store.Completed)
	}},
	{"daily totals by user and template", func(s *scene) {
		ids := s.createMany(5)
		s.save(
			analysis(ids[0], "ada", "t1", monday),
			analysis(ids[1], "ada", "t1", tuesday.Add(-time.Microsecond)),
			analysis(ids[2], "ada", "", monday.Add(time.Hour)),
			analysis(ids[3], "bob", "t1", tuesday),
		)
		if n := s.rollup(); n != 3 {
			s.Errorf("wrote %d totals, want 3", n)
		}
		s.wantTotals(monday, friday,
			total(monday, "ada", "", 1), total(monday, "ada", "t1", 2), total(tuesday, "bob", "t1", 1))
		s.wantTotals(monday, tuesday, total(monday, "ada", "", 1), total(monday, "ada", "t1", 2))
		s.wantTotals(tuesday, friday, total(tuesday, "bob", "t1", 1))
		s.wantTotals(friday, friday.AddDate(0, 0, 1))

		s.save(analysis(ids[4], "bob", "t1", tuesday.Add(time.Hour)))
		s.rollup()
		s.rollup()
		s.wantTotals(tuesday, friday, total(tuesday, "bob", "t1", 2))
	}},
	{"a saved analysis may be saved again", func(s *scene) {
		id := s.create()
		s.save(analysis(id, "ada", "t1", monday))
		s.save(analysis(id, "ada", "t2", tuesday))
		s.rollup()
		s.wantTotals(monday, friday, total(tuesday, "ada", "t2", 1))
	}},
	{"render times, those of the newest videos first", func(s *scene) {
		unmeasured := s.completed()
		ids := s.createMany(15)
		var want []time.Duration
		for i, id := range ids {
			a := analysis(id, "ada", "", monday.Add(-time.Duration(i)*time.Hour)) // when one was completed does not count
			a.RenderTime = time.Duration(i) * time.Second                         // the first was adopted, and its time is not known
			s.save(a)
			want = append([]time.Duration{a.RenderTime}, want...)
		}
		for n, want := range map[int][]time.Duration{1: want[:1], 3: want[:3], 100: want[:14]} {
			got, err := s.db.RenderTimes(s.ctx, n)
			s.must(err)
			if diff := cmp.Diff(want, got); diff != "" {
				s.Errorf("%d of them, beside %s (-want +got):\n%s", n, unmeasured, diff)
			}
		}
	}},
	{"an analysis that comes a day late is counted", func(s *scene) {
		ids := s.createMany(2)
		s.save(analysis(ids[0], "ada", "t1", tuesday))
		s.rollup()
		s.save(analysis(ids[1], "ada", "t1", monday))
		s.rollup()
		s.wantTotals(monday, friday, total(monday, "ada", "t1", 1), total(tuesday, "ada", "t1", 1))
	}},
	{"what was spent includes what is in no total yet", func(s *scene) {
		ids := s.createMany(4)
		s.save(analysis(ids[0], "ada", "t1", monday))
		s.wantSpent(0.2)
		s.save(analysis(ids[1], "ada", "t1", tuesday), analysis(ids[2], "bob", "", tuesday.Add(time.Hour)))
		s.rollup()
		s.wantSpent(0.6)
		s.save(analysis(ids[3], "bob", "", tuesday.Add(2*time.Hour)))
		s.wantSpent(0.8)
		s.rollup()
		s.wantSpent(0.8)
	}},
	{"what was spent on a video stays when it is deleted", func(s *scene) {
		counted, fresh, other := s.completed(), s.completed(), s.completed()
		s.save(analysis(counted, "ada", "t1", monday))
		s.rollup()
		s.save(analysis(fresh, "ada", "t1", monday.Add(time.Hour)), analysis(other, "bob", "", tuesday))
		for _, id := range []uuid.UUID{counted, fresh} {
			_, err := s.db.DeleteVideo(s.ctx, id, operator)
			s.must(err)
			s.wantSpent(0.6)
		}
		s.wantTotals(monday, friday, total(monday, "ada", "t1", 2))
		s.rollup()
		s.wantSpent(0.6)
		s.wantTotals(monday, friday, total(monday, "ada", "t1", 2), total(tuesday, "bob", "", 1))
	}},
	{"nothing measured is no total", func(s *scene) {
		s.completed()
		s.wantSpent(0)
		if n := s.rollup(); n != 0 {
			s.Errorf("wrote %d totals, want none", n)
		}
		s.save()
		s.must(s.db.FailAnalyses(s.ctx, nil, time.Minute, 3))
	}},
}
