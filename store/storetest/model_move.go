package storetest

import (
	"fmt"
	"math/rand/v2"
	"time"

	"heyq/internal/fault"
	"heyq/store"
)

// move does one random thing.
func (m *model) move(random *rand.Rand) error {
	switch dice := random.IntN(100); {
	case dice < 30:
		return m.dispatch(random)
	case dice < 75:
		return m.work(random, false)
	case dice < 80:
		return m.wake(random)
	case dice < 91:
		return m.people(random)
	case dice < 96:
		leaps := []time.Duration{time.Second, 10 * time.Second, 25 * time.Second, time.Minute, 2 * time.Minute, 10 * time.Minute, time.Hour, 25 * time.Hour}
		m.pass(leaps[random.IntN(len(leaps))])
		return nil
	case dice < 98:
		return m.operate(random)
	default:
		return m.wipe(random)
	}
}

// pass makes time pass for the store and for HeyGen.
func (m *model) pass(d time.Duration) {
	m.world.Lock()
	defer m.world.Unlock()
	m.advance(d)
	m.passed += d
}

// dispatch takes what is due and loses, doubles or gives back some of it.
func (m *model) dispatch(random *rand.Rand) error {
	m.world.RLock()
	defer m.world.RUnlock()
	step, take := store.Create, func() ([]store.Claim, error) { return m.db.Admit(m.ctx, modelSlots) }
	if random.IntN(2) == 0 {
		step = store.Steps[random.IntN(len(store.Steps))]
		take = func() ([]store.Claim, error) { return m.db.Claim(m.ctx, step, 1+random.IntN(8)) }
	}
	claims, err := take()
	if err != nil {
		return err
	}
	if len(claims) > 0 && random.IntN(20) == 0 {
		m.remember(claims)
		return m.db.Unclaim(m.ctx, claims)
	}
	m.given(step, claims)
	return nil
}

// given queues claims.
func (m *model) given(step store.Step, claims []store.Claim) {
	m.remember(claims)
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range claims {
		m.queue = append(m.queue, task{step, c})
	}
}

// remember checks that no claim is given twice.
func (m *model) remember(claims []store.Claim) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range claims {
		if m.claims[c.Video] == nil {
			m.claims[c.Video] = map[int64]bool{}
		}
		if m.claims[c.Video][c.Claim] {
			m.Errorf("I5: claim %d of video %s was given twice", c.Claim, c.Video)
		}
		m.claims[c.Video][c.Claim] = true
	}
}

// people create, cancel, retry and review; webhooks come, and some are forged.
func (m *model) people(random *rand.Rand) error {
	m.world.RLock()
	defer m.world.RUnlock()
	m.mu.Lock()
	n := len(m.videos)
	m.mu.Unlock()
	if n == 0 || (n < modelVideos && random.IntN(3) > 0) {
		created, err := m.db.CreateVideos(m.ctx, store.Creation{Videos: []store.NewVideo{newVideo(
			priority(random.IntN(3)), owner(modelUsers[random.IntN(len(modelUsers))]),
		)}})
		if err != nil {
			return err
		}
		m.mu.Lock()
		defer m.mu.Unlock()
		m.videos = append(m.videos, created.Videos[0].ID)
		return nil
	}
	m.mu.Lock()
	id := m.videos[random.IntN(n)]
	m.mu.Unlock()
	switch random.IntN(6) {
	case 0:
		_, _, err := m.db.Cancel(m.ctx, store.Everyone(), id)
		return allowed(err)
	case 1, 2:
		return m.retryOne(random, id)
	case 3:
		verdicts := []store.Verdict{store.Accept, store.Reject}
		verdict := verdicts[random.IntN(2)]
		_, err := m.db.Resolve(m.ctx, store.Everyone(), id, store.Resolution{Verdict: verdict})
		if err == nil && verdict == store.Accept {
			m.mu.Lock()
			m.accepted[id]++
			m.mu.Unlock()
		}
		return allowed(err)
	default:
		_, err := m.db.Hint(m.ctx, []store.Hint{{HeyGenID: fmt.Sprintf("hg-%d", 1+random.IntN(20)), Video: id}})
		return err
	}
}

// allowed returns nil for a fault.Conflict, a refusal that people may get, and
// any other error as it is.
func allowed(err error) error {
	if fault.CodeOf(err) == fault.Conflict {
		return nil
	}
	return err
}

// operate closes and opens the gate, and gives out turns.
func (m *model) operate(random *rand.Rand) error {
	m.world.RLock()
	defer m.world.RUnlock()
	if user := modelUsers[random.IntN(len(modelUsers))]; random.IntN(3) == 0 {
		_, err := m.db.SetTurn(m.ctx, store.Turn{UserID: user, Weight: []float64{0.1, 1, 3}[random.IntN(3)], Slots: random.IntN(modelSlots)})
		return err
	}
	if random.IntN(3) == 0 {
		_, err := m.db.PauseAdmission(m.ctx, store.OperatorReason)
		return err
	}
	_, err := m.db.ResumeAdmission(m.ctx)
	return err
}

// wipe loses what Redis held.
func (m *model) wipe(random *rand.Rand) error {
	m.world.RLock()
	defer m.world.RUnlock()
	m.mu.Lock()
	m.queue = nil
	m.mu.Unlock()
	_, err := m.db.SyncRedis(m.ctx, fmt.Sprint(random.IntN(4)), true)
	return err
}
