package storetest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/google/uuid"

	"heyq/store"
)

// take takes up to n tasks of one kind off the queue. Now and then one is
// delivered and stays, or is lost.
func (m *model) take(random *rand.Rand, n int, calm bool) (step store.Step, claims []store.Claim) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.queue) == 0 {
		return "", nil
	}
	if !calm {
		random.Shuffle(len(m.queue), func(i, j int) { m.queue[i], m.queue[j] = m.queue[j], m.queue[i] })
	}
	step = m.queue[0].step
	m.queue = slices.DeleteFunc(m.queue, func(t task) bool {
		if t.step != step || len(claims) == n {
			return false
		}
		if !calm && random.IntN(20) == 0 {
			return true
		}
		claims = append(claims, t.claim)
		return calm || random.IntN(10) > 0
	})
	return step, claims
}

// work begins some tasks and does them, or dies on the way.
func (m *model) work(random *rand.Rand, calm bool) error {
	step, claims := m.take(random, 1+random.IntN(5), calm)
	if len(claims) == 0 {
		return nil
	}
	runs, at, err := m.beginSome(random, step, claims, calm)
	if err != nil {
		return err
	}
	for _, r := range runs {
		if !calm && random.IntN(8) == 0 {
			m.mu.Lock()
			m.zombies = append(m.zombies, zombie{step, r, at})
			m.mu.Unlock()
			continue
		}
		if err := m.finish(random, zombie{step, r, at}, calm); err != nil {
			return err
		}
	}
	return nil
}

func (m *model) beginSome(random *rand.Rand, step store.Step, claims []store.Claim, calm bool) ([]store.Run, time.Time, error) {
	m.world.RLock()
	defer m.world.RUnlock()
	if !calm && random.IntN(4) == 0 {
		held, err := m.db.Hold(m.ctx, claims)
		if err != nil {
			return nil, time.Time{}, err
		}
		claims = held
	}
	at := m.heygen.now()
	runs, err := m.db.Begin(m.ctx, step, claims)
	if err != nil {
		return nil, at, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range runs {
		if !m.claims[r.Video][r.Fence.Run] {
			return nil, at, fmt.Errorf("I5: run %d of video %s began without a claim", r.Fence.Run, r.Video)
		}
		delete(m.claims[r.Video], r.Fence.Run) // it must not begin again
		m.latest[r.Video] = max(m.latest[r.Video], r.Fence.Run)
	}
	return runs, at, nil
}

// wake lets a worker go on that had stalled and has lost its claim.
func (m *model) wake(random *rand.Rand) error {
	m.mu.Lock()
	if len(m.zombies) == 0 {
		m.mu.Unlock()
		return nil
	}
	i := random.IntN(len(m.zombies))
	z := m.zombies[i]
	m.zombies = slices.Delete(m.zombies, i, i+1)
	m.mu.Unlock()
	if random.IntN(3) == 0 {
		m.world.RLock()
		_, err := m.db.Renew(m.ctx, []store.Fence{z.run.Fence})
		m.world.RUnlock()
		if err != nil {
			return err
		}
	}
	return m.finish(random, z, false)
}

// finish makes the outside call of a run and writes its end. Its worker can die
// between the two.
func (m *model) finish(random *rand.Rand, z zombie, calm bool) error {
	m.world.RLock()
	end := m.outside(random, z)
	m.world.RUnlock()
	if !calm && random.IntN(12) == 0 {
		return nil
	}
	m.world.RLock()
	defer m.world.RUnlock()
	m.mu.Lock()
	overtaken := m.latest[z.run.Video] > z.run.Fence.Run
	m.mu.Unlock()
	ended, err := m.db.End(m.ctx, []store.End{end})
	if err != nil {
		return fmt.Errorf("end %+v: %w", end, err)
	}
	if overtaken && len(ended) > 0 {
		return fmt.Errorf("I5: run %d of video %s ended after a newer one began", z.run.Fence.Run, z.run.Video)
	}
	m.given(store.Download, store.Next(ended))
	return nil
}

// outside asks HeyGen, or the file host, and says what came of it.
func (m *model) outside(random *rand.Rand, z zombie) store.End {
	switch r := z.run; {
	case z.step == store.Create && r.Search:
		return m.look(random, r)
	case z.step == store.Create:
		return m.send(random, z)
	case z.step == store.Poll:
		return m.poll(r)
	case m.heygen.calm || random.IntN(4) > 0:
		return store.Downloaded(r, fmt.Sprintf("videos/%s/%d/", r.Video, r.Fence.Run), file)
	case r.Attempt > 1 && random.IntN(2) == 0:
		return store.Doubted(r, fmt.Sprintf("videos/%s/%d/", r.Video, r.Fence.Run), file, "it is silent")
	case r.Attempt > 1:
		return store.GaveUp(r, gaveUp, time.Minute)
	default:
		return store.StepFailed(r, time.Minute)
	}
}

func (m *model) send(random *rand.Rand, z zombie) store.End {
	r := z.run
	if m.heygen.now().Sub(z.at) >= store.DefaultTiming.Lease*3/4 {
		return store.NotSent(r, 0) // the send guard
	}
	key := fmt.Sprintf("%s.%d", r.Video, r.Submission)
	if r.Refusals > 0 {
		key += fmt.Sprintf(".r%d", r.Refusals)
	}
	id, answer := m.heygen.create(r.Video, r.Submission, key)
	switch answer {
	case answered:
		return store.Accepted(r, id, time.Minute)
	case throttled:
		return store.Throttled(r, time.Minute, "slow down")
	case refused:
		return store.Refused(r, refusal, time.Minute, nil)
	case stopped:
		return store.Refused(r, refusal, time.Minute, stop)
	}
	if r.Attempt > 4 {
		return store.Unreachable(r, time.Minute)
	}
	return store.Unclear(r, time.Duration(random.IntN(120))*time.Second)
}

func (m *model) look(random *rand.Rand, r store.Run) store.End {
	ids, ok := m.heygen.find(r.Video, r.Submission)
	switch {
	case !ok && r.SearchExpired, len(ids) > 1:
		return store.Ambiguous(r, "nobody can tell")
	case !ok:
		return store.NotSent(r, time.Minute)
	case len(ids) == 1:
		return store.Accepted(r, ids[0], time.Minute)
	case !r.Settled:
		return store.NotFoundYet(r, time.Minute)
	}
	return store.NotFound(r, random.IntN(2) == 0)
}

func (m *model) poll(r store.Run) store.End {
	done, failed, ok := m.heygen.status(r.HeyGenID)
	switch {
	case !ok && r.Attempt > 3:
		return store.GaveUp(r, gaveUp, time.Minute)
	case !ok:
		return store.StepFailed(r, time.Minute)
	case done && failed:
		return store.RenderFailed(r, dead)
	case done:
		return store.Rendered(r)
	case r.PastWriteOff:
		return store.WrittenOff(r)
	case r.PastDeadline:
		return store.RenderTimedOut(r, time.Minute)
	}
	return store.StillRendering(r, time.Minute)
}

// retryOne retries a video and notes whether that was leave to pay again.
func (m *model) retryOne(random *rand.Rand, id uuid.UUID) error {
	before, err := m.db.Video(m.ctx, store.Everyone(), id)
	if err != nil {
		return err
	}
	newRender := random.IntN(2) == 0
	after, err := m.db.Retry(m.ctx, store.Everyone(), id, store.Retry{NewRender: newRender})
	if err == nil && newRender && after.Submission > before.Submission {
		m.mu.Lock()
		m.agreed[id]++
		m.mu.Unlock()
	}
	return allowed(err)
}
