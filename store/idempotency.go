package store

import (
	"encoding/hex"
	"slices"

	"github.com/google/uuid"
)

// How a video is made at most once under its key: store/sql writes down the keys
// of KeysOf, if they are free, and reads whose each is.

// KeyRow is a video's key as it is remembered.
type KeyRow struct {
	ID     uuid.UUID `json:"id"` // of the video that it is to make
	UserID string    `json:"user_id"`
	Key    string    `json:"key"`
	Sum    string    `json:"sum"` // in hex
}

// KeysOf returns the keys of those videos that have one.
func KeysOf(videos []NewVideo) (keys []KeyRow) {
	for _, v := range videos {
		if v.Key != "" {
			keys = append(keys, KeyRow{v.ID, v.UserID, videoKey + v.Key, hex.EncodeToString(v.Sum[:])})
		}
	}
	return keys
}

// videoKey stands before the key of a video, so that it is none of a request's,
// whose letters are printable.
const videoKey = "video\t"

// KeyOwner says whose the key of a video is.
type KeyOwner struct {
	Asked uuid.UUID // the id that the video would have
	Key   string
	Same  bool      // what is asked for is what the key was first used for
	Owner uuid.UUID // the video that the key has made; Asked if that is this one
}

// KeyOwners is, by the id that a keyed video would have, the video of its key.
type KeyOwners map[uuid.UUID]uuid.UUID

// OwnersOf gathers a list. A fault.Conflict: a key was used for something else.
func OwnersOf(list []KeyOwner) (KeyOwners, error) {
	owners := make(KeyOwners, len(list))
	for _, o := range list {
		if !o.Same {
			return nil, ErrVideoKeyReused(o.Key[len(videoKey):], o.Owner)
		}
		owners[o.Asked] = o.Owner
	}
	return owners, nil
}

func (o KeyOwners) of(v NewVideo) uuid.UUID {
	if owner, keyed := o[v.ID]; keyed {
		return owner
	}
	return v.ID
}

// Free returns the videos that are to be inserted.
func (o KeyOwners) Free(videos []NewVideo) []NewVideo {
	if len(o) == 0 {
		return videos
	}
	return slices.DeleteFunc(slices.Clone(videos), func(v NewVideo) bool { return o.of(v) != v.ID })
}

// Earlier returns the ids of those that are there already.
func (o KeyOwners) Earlier(videos []NewVideo) (ids []uuid.UUID) {
	for _, v := range videos {
		if owner := o.of(v); owner != v.ID {
			ids = append(ids, owner)
		}
	}
	return ids
}

// InOrder returns a row for each of the videos; of one that is gone only the id.
func (o KeyOwners) InOrder(videos []NewVideo, rows []Video) []Video {
	byID := make(map[uuid.UUID]Video, len(rows))
	for _, row := range rows {
		byID[row.ID] = row
	}
	list := make([]Video, len(videos))
	for i, v := range videos {
		owner := o.of(v)
		list[i] = byID[owner]
		list[i].ID = owner
	}
	return list
}
