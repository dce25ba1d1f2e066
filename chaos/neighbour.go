package chaos

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"

	"heyq/internal/heygenhook"
)

// neighbour is what another installation has in the same places: a render at HeyGen,
// a webhook endpoint there with the address that is heyq's too, a task that waits in
// the same Redis, and a file in the media folder. All of it is such that heyq might
// take it for its own, and heyq may touch none of it.
type neighbour struct {
	render   string // its id at HeyGen
	endpoint hook
	folder   string // of the file
}

// hook is a webhook endpoint, as HeyGen lists it.
type hook struct {
	ID     string   `json:"endpoint_id"`
	URL    string   `json:"url"`
	Events []string `json:"events"`
	Status string   `json:"status"`
}

const (
	// neighbourWord tells the neighbour from us in titles and addresses.
	neighbourWord  = "0badcafe"
	neighbourVideo = "0badcafe-0000-7000-8000-000000000001"
	// neighbourTitle is how the neighbour's heyq names its render.
	neighbourTitle = "[heyq " + neighbourVideo + ".1 " + neighbourWord + "] a neighbour's"
	neighbourFile  = "a neighbour's file"
	// neighbourPrefix is before all of its names in Redis.
	neighbourPrefix = "neighbour:"
	neighbourQueue  = neighbourPrefix + "asynq:{create}:"
)

// openNeighbour lets the neighbour be there before heyq starts. Its file is older
// than what a sweep spares, and lies as a video's does that is named otherwise.
func (s *stage) openNeighbour(ctx context.Context) error {
	n := &neighbour{folder: filepath.Join(s.media(), "videos", "neighbours-holiday", "1")}
	var render struct {
		Data struct {
			VideoID string `json:"video_id"`
		} `json:"data"`
	}
	body := map[string]any{"type": "avatar", "avatar_id": "avatar_1", "voice_id": "voice_1", "script": "Not yours.", "title": neighbourTitle}
	if err := s.heygen.send(ctx, http.MethodPost, "/v3/videos", body, &render); err != nil {
		return fmt.Errorf("a neighbour's render: %w", err)
	}
	n.render = render.Data.VideoID
	var endpoint struct {
		Data hook `json:"data"`
	}
	// Events that never come: what heyq does with a delivery for another is no part of this.
	body = map[string]any{"url": heygenhook.Own(s.door.url+heygenhook.Path, neighbourWord), "events": []string{"video_translate.success"}}
	if err := s.heygen.send(ctx, http.MethodPost, "/v3/webhooks/endpoints", body, &endpoint); err != nil {
		return fmt.Errorf("a neighbour's endpoint: %w", err)
	}
	n.endpoint = endpoint.Data
	s.neighbour = n
	if err := s.plantTask(ctx); err != nil {
		return fmt.Errorf("a neighbour's task: %w", err)
	}
	file, old := filepath.Join(n.folder, "video.mp4"), time.Now().Add(-48*time.Hour)
	return errors.Join(os.MkdirAll(n.folder, 0o700), os.WriteFile(file, []byte(neighbourFile), 0o600), os.Chtimes(file, old, old), os.Chtimes(n.folder, old, old))
}

// neighbourTask is a task that waits in the neighbour's queue, as asynq keeps it.
var neighbourTask = map[string]string{
	"msg": `{"video":"` + neighbourVideo + `","claim":1}`, "state": "pending", "pending_since": "1700000000000000000",
}

const neighbourTaskID = "video:create " + neighbourVideo

// plantTask puts the neighbour's task into a Redis that is new, or was emptied: by
// us, and not by heyq.
func (s *stage) plantTask(ctx context.Context) error {
	client, err := s.redisClient()
	if err != nil {
		return err
	}
	defer client.Close()
	return onceLoaded(ctx, func() error {
		_, err := client.TxPipelined(ctx, func(p redis.Pipeliner) error {
			p.SAdd(ctx, neighbourPrefix+"asynq:queues", "create")
			p.HSet(ctx, neighbourQueue+"t:"+neighbourTaskID, neighbourTask)
			p.LPush(ctx, neighbourQueue+"pending", neighbourTaskID)
			return nil
		})
		return err
	})
}

// harmed says what of the neighbour's is not as it was.
func (s *stage) harmed(ctx context.Context) (harm []string, err error) {
	status, err := s.heygen.status(ctx, s.neighbour.render)
	if err != nil {
		return nil, err
	}
	if status != "completed" {
		harm = append(harm, fmt.Sprintf("its render is %q", status))
	}
	var hooks struct {
		Data []hook `json:"data"`
	}
	if err := s.heygen.call(ctx, http.MethodGet, "/v3/webhooks/endpoints?limit=100", &hooks); err != nil {
		return nil, err
	}
	was := s.neighbour.endpoint
	if !slices.ContainsFunc(hooks.Data, func(is hook) bool {
		return is.ID == was.ID && is.URL == was.URL && is.Status == was.Status && slices.Equal(is.Events, was.Events)
	}) {
		harm = append(harm, fmt.Sprintf("its webhook endpoint %s is gone, or another; there are %v", was.ID, hooks.Data))
	}
	if data, err := os.ReadFile(filepath.Join(s.neighbour.folder, "video.mp4")); err != nil || string(data) != neighbourFile {
		harm = append(harm, fmt.Sprintf("its file holds %q (%v)", data, err))
	}
	client, err := s.redisClient()
	if err != nil {
		return nil, err
	}
	defer client.Close()
	inRedis, err := taskHarmed(ctx, client)
	return append(harm, inRedis...), err
}

// taskHarmed says what is not as plantTask has left it.
func taskHarmed(ctx context.Context, client *redis.Client) (harm []string, err error) {
	keys, err := client.Keys(ctx, neighbourPrefix+"*").Result()
	if err != nil {
		return nil, fmt.Errorf("list a neighbour's keys: %w", err)
	}
	slices.Sort(keys)
	if want := []string{neighbourPrefix + "asynq:queues", neighbourQueue + "pending", neighbourQueue + "t:" + neighbourTaskID}; !slices.Equal(keys, want) {
		return []string{fmt.Sprintf("its keys in Redis are %q", keys)}, nil
	}
	waiting, err := client.LRange(ctx, neighbourQueue+"pending", 0, -1).Result()
	if err != nil {
		return nil, fmt.Errorf("read a neighbour's queue: %w", err)
	}
	task, err := client.HGetAll(ctx, neighbourQueue+"t:"+neighbourTaskID).Result()
	if err != nil {
		return nil, fmt.Errorf("read a neighbour's task: %w", err)
	}
	if !slices.Equal(waiting, []string{neighbourTaskID}) || !maps.Equal(task, neighbourTask) {
		harm = append(harm, fmt.Sprintf("its task is %q, and %q wait", task, waiting))
	}
	return harm, nil
}

// I11: nothing of another installation was touched.
func (e evidence) neighbourIsWell() Invariant {
	i := Invariant{Name: "I11", Promise: "nothing of a neighbour's was touched", Checked: "a render, an endpoint, a task, a file"}
	for _, harm := range e.harm {
		i.breach(harm)
	}
	return i
}
