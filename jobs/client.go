package jobs

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"heyq/internal/fault"
	"heyq/store"
	"heyq/wire"
)

// MaxBatch is how many videos may be created at once.
const MaxBatch = wire.MaxBatch

// Error is what the client's methods return for what a caller can mend: its
// Code says which sort it is ("invalid", "conflict", "unavailable", …), its
// Fields which values are wrong. Find it with errors.AsType or errors.As.
type Error = fault.Error

// Client creates videos and ends them. It needs only the store: a video is
// accepted when its row is committed, whether or not Redis answers. It is safe
// for concurrent use.
type Client struct {
	store  rows
	notify NotifyRules
	wake   func()
	moved  func(uuid.UUID)

	shared *shared // nil: each creation is a transaction of its own
}

// rows is what a client needs of the store.
type rows interface {
	store.Requests
	Hint(ctx context.Context, hints []store.Hint) (int, error)
	Notifications(ctx context.Context, w store.Viewer, video uuid.UUID) ([]store.Notification, error)
	Notification(ctx context.Context, w store.Viewer, id uuid.UUID) (store.Notification, error)
	Redeliver(ctx context.Context, w store.Viewer, r store.Redelivery) (int, error)
}

// ClientOption changes a client.
type ClientOption func(*Client)

// WithWake calls wake after each commit, so that a dispatcher in this process
// need not wait for its next tick.
func WithWake(wake func()) ClientOption { return func(c *Client) { c.wake = wake } }

// WithMoved calls moved after a commit that has moved a video, so that who follows it
// hears of it at once.
func WithMoved(moved func(video uuid.UUID)) ClientOption {
	return func(c *Client) { c.moved = moved }
}

// WithSharedCommits lets concurrent callers who create one video each, without a key,
// share a transaction. It is for a client of many callers at once, and not for one on a
// transaction of the caller's.
func WithSharedCommits() ClientOption { return func(c *Client) { c.shared = newShared(c.store) } }

// NewClient returns a client on s. With postgres.InTx(tx) as s the videos
// belong to the caller's transaction and exist when it commits.
func NewClient(s store.Store, options ...ClientOption) *Client {
	c := &Client{store: s, wake: func() {}, moved: func(uuid.UUID) {}}
	for _, option := range options {
		option(c)
	}
	return c
}

// Prepare validates v by this client's rules and gives it an id. The error is a
// fault.Invalid that names every wrong field.
func (c *Client) Prepare(v NewVideo) (store.NewVideo, error) { return v.prepare(c.notify) }

// CreateVideo accepts one video. A fault.Invalid names every wrong field; a
// fault.Unavailable says that nothing was created.
func (c *Client) CreateVideo(ctx context.Context, v NewVideo) (store.Video, error) {
	prepared, err := c.Prepare(v)
	if err != nil {
		return store.Video{}, err
	}
	created, err := c.Create(ctx, store.Creation{Videos: []store.NewVideo{prepared}})
	if err != nil {
		return store.Video{}, err
	}
	return created.Videos[0], nil
}

// CreateVideos accepts all of the list or nothing, in one transaction. The
// fields of a fault.Invalid begin with videos[i], counting from 0.
func (c *Client) CreateVideos(ctx context.Context, list []NewVideo) ([]store.Video, error) {
	if len(list) > MaxBatch {
		return nil, fault.New(fault.TooLarge, "the batch has %d videos; give at most %d", len(list), MaxBatch)
	}
	prepared := make([]store.NewVideo, len(list))
	wrong := fault.New(fault.Invalid, "some videos are not valid; nothing was created")
	for i, v := range list {
		var err error
		if prepared[i], err = c.Prepare(v); err != nil {
			wrong.AddFields(fmt.Sprintf("videos[%d].", i), err)
		}
	}
	if len(wrong.Fields) > 0 {
		return nil, wrong
	}
	created, err := c.Create(ctx, store.Creation{Videos: prepared})
	return created.Videos, err
}

// Create inserts videos that were prepared, under an idempotency key if one is
// given. If ctx holds an OpenTelemetry span, the videos' traces begin below it.
func (c *Client) Create(ctx context.Context, creation store.Creation) (store.Created, error) {
	creation, accepted := from(ctx, creation)
	var created store.Created
	var err error
	if c.shared.takes(creation) {
		created, err = c.shared.create(ctx, creation.Videos[0])
	} else {
		created, err = c.store.CreateVideos(ctx, creation)
	}
	accepted.end(err)
	if err == nil {
		c.wake()
	}
	return created, err
}

// Cancel ends a video; see store.Requests. It returns the video as it is now
// and the state that it was in, which says what may be billed.
func (c *Client) Cancel(ctx context.Context, w store.Viewer, id uuid.UUID) (store.Video, store.State, error) {
	v, was, err := c.store.Cancel(ctx, w, id)
	if err == nil {
		c.moved(id)
		c.wake()
	}
	return v, was, err
}

// Retry makes a failed or cancelled video run again; see store.Requests.
func (c *Client) Retry(ctx context.Context, w store.Viewer, id uuid.UUID, r store.Retry) (store.Video, error) {
	v, err := c.store.Retry(ctx, w, id, r)
	if err == nil {
		c.moved(id)
		c.wake()
	}
	return v, err
}

// Refetch has a lost file fetched again; see store.Requests.
func (c *Client) Refetch(ctx context.Context, w store.Viewer, id uuid.UUID, prefix string) (store.Video, error) {
	v, err := c.store.Refetch(ctx, w, id, prefix)
	if err == nil {
		c.moved(id)
		c.wake()
	}
	return v, err
}

// Resolve ends the review of a video whose create is unclear; see
// store.Requests. A fault.Invalid says what is wrong with the decision.
func (c *Client) Resolve(ctx context.Context, w store.Viewer, id uuid.UUID, r store.Resolution) (store.Video, error) {
	if err := r.Validate(); err != nil {
		return store.Video{}, err
	}
	v, err := c.store.Resolve(ctx, w, id, r)
	if err == nil {
		c.moved(id)
		c.wake()
	}
	return v, err
}

// Hint has videos looked at now, because HeyGen may have news of them. It moves
// nothing, and hints that meet no video do nothing.
func (c *Client) Hint(ctx context.Context, hints []store.Hint) error {
	met, err := c.store.Hint(ctx, hints)
	if met > 0 {
		c.wake()
	}
	return err
}

// Notifications lists what was to be told of a video's ends, oldest first, each
// with the log of its tries. A fault.NotFound: there is no such video; a
// fault.Forbidden: it is another's, and shown to w.
func (c *Client) Notifications(ctx context.Context, w store.Viewer, video uuid.UUID) ([]store.Notification, error) {
	list, err := c.store.Notifications(ctx, w, video)
	if err != nil || len(list) > 0 {
		return list, err
	}
	v, err := c.store.Video(ctx, w, video)
	if err == nil && !w.Owns(v.UserID) {
		err = store.ErrReadOnly(video)
	}
	return nil, err
}

// Redeliver delivers one notification again, under its id and with a day before
// it, whatever came of it. It returns the notification as it is now.
func (c *Client) Redeliver(ctx context.Context, w store.Viewer, id uuid.UUID) (store.Notification, error) {
	if id == uuid.Nil { // which would mean all
		return store.Notification{}, store.ErrNoNotification(id)
	}
	n, err := c.store.Redeliver(ctx, w, store.Redelivery{ID: id})
	if err != nil {
		return store.Notification{}, err
	}
	if n == 0 {
		return store.Notification{}, store.ErrNoNotification(id)
	}
	c.wake()
	return c.store.Notification(ctx, w, id)
}

// RedeliverAll delivers those again that r means, and returns how many.
func (c *Client) RedeliverAll(ctx context.Context, w store.Viewer, r store.Redelivery) (int, error) {
	n, err := c.store.Redeliver(ctx, w, r)
	if err == nil && n > 0 {
		c.wake()
	}
	return n, err
}
