package sql

import (
	"context"
	"maps"

	"github.com/google/uuid"

	"heyq/store"
)

// set makes a statement that changes one video, and returns it as it is then.
func set(name, columns string) *Statement {
	return statement(name, `UPDATE videos SET `+columns+` WHERE id = @id RETURNING `+videoColumns)
}

var lockVideo = statement("lock a video", `SELECT `+videoColumns+` FROM videos WHERE id = @id AND `+owned+` {lock}`)

// decide changes a video in one transaction. It locks the row, so that no other
// writer changes it meanwhile, and shows the video to the function decide, which
// returns the statement to run and its values.
func (p *Protocol) decide(
	ctx context.Context, doing string, w store.Viewer, id uuid.UUID, decide func(v store.Video) (*Statement, Args, error),
) (v store.Video, err error) {
	err = p.db.InTx(ctx, func(ctx context.Context, do Do) error {
		if v, err = lock(ctx, do, w, id); err != nil {
			return err
		}
		how, args, err := decide(v)
		if err != nil {
			return err
		}
		v, err = change(ctx, do, id, how, args)
		return err
	})
	return v, p.explain(err, doing)
}

// lock reads a video of a viewer's and keeps every other writer off its row until the
// transaction ends.
func lock(ctx context.Context, do Do, w store.Viewer, id uuid.UUID) (store.Video, error) {
	list, err := collect(ctx, do, lockVideo, seenBy(w, Args{"id": id}), scanVideo)
	if err != nil {
		return store.Video{}, err
	}
	if len(list) == 0 {
		return store.Video{}, notToChange(ctx, do, w, id)
	}
	return list[0], nil
}

// notToChange says why a viewer may not change a video: it is not there for the viewer,
// or there for reading only.
func notToChange(ctx context.Context, do Do, w store.Viewer, id uuid.UUID) error {
	seen, err := collect(ctx, do, videosByID, seenBy(w, Args{"ids": []uuid.UUID{id}}), scanVideo)
	switch {
	case err != nil:
		return err
	case len(seen) > 0:
		return store.ErrReadOnly(id)
	}
	return store.ErrNotFound(id)
}

// change updates a locked row and returns it as it is now.
func change(ctx context.Context, do Do, id uuid.UUID, how *Statement, args Args) (store.Video, error) {
	all := Args{"id": id}
	maps.Copy(all, args)
	list, err := collect(ctx, do, how, all, scanVideo)
	if err != nil {
		return store.Video{}, err
	}
	return list[0], nil
}
