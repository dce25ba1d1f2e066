package storetest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"heyq/store"
)

// model plays a random history: dispatchers, workers that crash, stall and come
// back as zombies, a lossy queue, people, webhooks and a clock that jumps, all
// at once. Whatever happens must keep the invariants:
//
//	I1  every video comes to its end once things are quiet
//	I2  at most one paid render for a video and submission, and one for a video
//	    unless a person agreed to another
//	I5  states move along the graph, claims only grow, stale ends are refused
//	I6  HeyGen never sees more renders at once than there are slots
type model struct {
	*scene
	heygen *heygen
	// world is held for reading by every move, and for writing while time passes:
	// what a runner sees as one moment is one.
	world  sync.RWMutex
	passed time.Duration

	mu      sync.Mutex // guards what is below
	videos  []uuid.UUID
	queue   []task
	zombies []zombie
	claims  map[uuid.UUID]map[int64]bool // every claim ever given
	latest  map[uuid.UUID]int64          // the newest run that began
	agreed  map[uuid.UUID]int            // new renders that a person asked for

	accepted map[uuid.UUID]int // reviews of a film by which a failed video is completed
}

type task struct {
	step  store.Step
	claim store.Claim
}

// zombie is a run whose worker stopped in the middle.
type zombie struct {
	step store.Step
	run  store.Run
	at   time.Time // before its Begin
}

var modelUsers = []string{store.DefaultUser, "ada", "bob"}

const (
	modelSlots   = 4
	modelWorkers = 6
	modelMoves   = 300 // of each worker
	modelVideos  = 40
)

func modelTests() []test {
	var tests []test
	for seed := range uint64(3) {
		tests = append(tests, test{fmt.Sprintf("seed %d", seed), func(s *scene) {
			m := newModel(s, seed)
			m.play(seed)
			m.drain()
			m.check()
		}})
	}
	return tests
}

func newModel(s *scene, seed uint64) *model {
	m := &model{
		scene: s, claims: map[uuid.UUID]map[int64]bool{}, latest: map[uuid.UUID]int64{}, agreed: map[uuid.UUID]int{}, accepted: map[uuid.UUID]int{},
	}
	m.heygen = newHeyGen(seed, func() time.Time { return time.Now().Add(m.passed) })
	return m
}

func (m *model) play(seed uint64) {
	var g errgroup.Group
	for i := range modelWorkers {
		g.Go(func() error {
			random := rand.New(rand.NewPCG(seed, uint64(i)+100))
			for range modelMoves {
				if err := m.move(random); err != nil {
					return err
				}
			}
			return nil
		})
	}
	m.must(g.Wait())
}

// free lifts the bounds of all users.
func (m *model) free() {
	for _, user := range modelUsers {
		m.setTurn(user, 1, 0)
	}
}

// drain lets everything come to its end without further faults.
func (m *model) drain() {
	random := rand.New(rand.NewPCG(0, 0))
	m.heygen.calm = true
	m.zombies = nil
	m.resume()
	m.free()
	for range 400 {
		for m.dispatchAll() {
			for len(m.queue) > 0 {
				m.must(m.work(random, true))
			}
		}
		if m.atRest() {
			return
		}
		m.pass(15 * time.Minute)
	}
	counts, err := m.db.Counts(m.ctx)
	m.must(err)
	m.Fatalf("I1: not everything came to its end: %v", counts)
}

// dispatchAll queues everything that is due and reports whether there was any.
func (m *model) dispatchAll() bool {
	claims := m.admit(modelSlots)
	m.given(store.Create, claims)
	some := len(claims) > 0
	for _, step := range store.Steps {
		claims := m.claim(step)
		m.given(step, claims)
		some = some || len(claims) > 0
	}
	return some
}

// atRest is true when all videos have ended and all slots are free.
func (m *model) atRest() bool {
	list, err := m.db.VideosByID(m.ctx, store.Everyone(), m.videos)
	m.must(err)
	if slices.ContainsFunc(list, func(v store.Video) bool { return !v.State.Final() }) {
		return false
	}
	rivals := m.createMany(modelSlots)
	free := len(m.admit(modelSlots))
	for _, id := range rivals {
		m.cancel(id)
	}
	return free == modelSlots
}

// graph says which states may follow which.
var graph = map[store.State][]store.State{
	store.Queued:      {store.Submitting, store.Cancelled},
	store.Submitting:  {store.Queued, store.Rendering, store.Failed, store.Cancelled},
	store.Rendering:   {store.Downloading, store.Failed, store.Cancelled},
	store.Downloading: {store.Completed, store.Failed, store.Cancelled},
	store.Failed:      {store.Queued, store.Rendering, store.Downloading},
	store.Cancelled:   {store.Queued, store.Rendering},
}

func (m *model) check() {
	for _, wrong := range m.heygen.wrongs {
		m.Errorf("I2: %s", wrong)
	}
	if m.heygen.most > modelSlots {
		m.Errorf("I6: HeyGen rendered %d at once, want at most %d", m.heygen.most, modelSlots)
	}
	paid := map[uuid.UUID]int{}
	for _, r := range m.heygen.renders {
		paid[r.video]++
	}
	ended := map[store.State]int{}
	for _, id := range m.videos {
		v := m.video(id)
		ended[v.State]++
		if paid[id] > 1+m.agreed[id] {
			m.Errorf("I2: video %s was billed %d times, and a person agreed to %d more", id, paid[id], m.agreed[id])
		}
		kept := v.State == store.Failed && v.Failure != nil && v.Failure.Code == store.NeedsReview // a file that is not as promised
		if (v.State == store.Failed) != (v.Failure != nil) || !kept && (v.State == store.Completed) != (v.File != nil) {
			m.Errorf("I1: video %s is %s with failure %v and file %v", id, v.State, v.Failure, v.File)
		}
		if r := m.heygen.renders[v.HeyGenID]; v.HeyGenID != "" && (r.video != id || r.submission != v.Submission) {
			m.Errorf("I5: video %s, submission %d, points to a render of %s, submission %d", id, v.Submission, r.video, r.submission)
		}
		for i := range v.Timeline[1:] {
			from, to := v.Timeline[i].State, v.Timeline[i+1].State
			if from == store.Failed && to == store.Completed && m.accepted[id] > 0 {
				m.accepted[id]--
				continue
			}
			if !slices.Contains(graph[from], to) {
				m.Errorf("I5: video %s went from %s to %s", id, from, to)
			}
		}
	}
	if ended[store.Completed] == 0 || len(m.heygen.renders) == 0 {
		m.Errorf("nothing was completed: %v", ended)
	}
	m.Logf("%d videos ended as %v; %d renders, %d at once", len(m.videos), ended, len(m.heygen.renders), m.heygen.most)
}
