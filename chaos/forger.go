package chaos

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// forgeries is how many webhooks a forger sends, to real videos' ids.
const forgeries = 10_000

// forgedStorm sends them at once, as fast as eight connections can.
func forgedStorm(chance *rand.Rand, _ Options) Fault {
	seed := chance.Uint64()
	return Fault{
		Name: "webhook-storm", On: "api", Detail: fmt.Sprintf("%d forgeries", forgeries),
		strike: func(ctx context.Context, s *stage, hit *Strike) (err error) {
			hit.Said, err = s.forge(ctx, rand.New(rand.NewPCG(seed, 0)))
			return err
		},
	}
}

func (s *stage) forge(ctx context.Context, chance *rand.Rand) (said string, err error) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 8}, Timeout: 10 * time.Second}
	requests := make(chan *http.Request)
	var refused atomic.Int64
	var forgers sync.WaitGroup
	for range 8 {
		forgers.Go(func() {
			for r := range requests {
				answer, err := client.Do(r)
				if err != nil {
					continue
				}
				_ = answer.Body.Close()
				if answer.StatusCode == http.StatusUnauthorized || answer.StatusCode == http.StatusForbidden {
					refused.Add(1)
				}
			}
		})
	}
	for range forgeries {
		r, forging := s.forgery(ctx, chance)
		if forging != nil {
			err = forging
			break
		}
		requests <- r
	}
	close(requests)
	forgers.Wait()
	return fmt.Sprintf("%d of %d refused", refused.Load(), forgeries), err
}

// forgery tells of a real render that it is done, signed with a secret that is
// not HeyGen's.
func (s *stage) forgery(ctx context.Context, chance *rand.Rand) (*http.Request, error) {
	renders := s.heygen.newest(20)
	id := "none"
	if len(renders) > 0 {
		id = renders[chance.IntN(len(renders))].VideoID
	}
	body, err := json.Marshal(map[string]any{
		"event_id": fmt.Sprintf("evt_%d", chance.Uint64()), "event_type": "avatar_video.success",
		"event_data": map[string]string{"video_id": id},
	})
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.apiURL+"/webhooks/heygen", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	signature := make([]byte, 32)
	for i := range signature {
		signature[i] = byte(chance.Uint32())
	}
	r.Header.Set("Heygen-Signature", hex.EncodeToString(signature))
	r.Header.Set("Heygen-Timestamp", strconv.FormatInt(time.Now().Unix(), 10))
	return r, nil
}
