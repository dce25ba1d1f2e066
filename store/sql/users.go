package sql

import (
	"context"
	"strings"

	"github.com/google/uuid"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"heyq/store"
)

const (
	userFields = `u.id, u.email, u.role, u.created_at, u.updated_at, u.deactivated_at, (SELECT w.set_at FROM passwords w WHERE w.user_id = u.id),
	p.first_name, p.last_name, p.bio, p.avatar_url, p.time_zone`
	userTables  = `users u JOIN profiles p ON p.user_id = u.id`
	userColumns = `SELECT ` + userFields + ` FROM ` + userTables
)

func scanUser(row Row) (u store.User, err error) { return u, row.Scan(userDestinations(&u)...) }

func userDestinations(u *store.User) []any {
	return []any{
		&u.ID, &u.Email, &u.Role, asTime(&u.CreatedAt), asTime(&u.UpdatedAt), asTime(&u.DeactivatedAt), asTime(&u.PasswordSetAt),
		&u.Profile.FirstName, &u.Profile.LastName, &u.Profile.Bio, &u.Profile.AvatarURL, &u.Profile.TimeZone,
	}
}

// folded is a text by which others are found that differ in case or in the way that
// Unicode composes them. The databases fold differently, and so none of them does it.
func folded(s string) string { return cases.Fold().String(norm.NFKC.String(s)) }

func argsOf(u store.User) Args {
	p := u.Profile
	search := strings.Join([]string{p.FirstName, p.LastName, u.Email}, " ")
	return Args{
		"id": u.ID, "email": u.Email, "key": folded(u.Email), "search": folded(search), "role": u.Role, "active": u.DeactivatedAt.IsZero(),
		"first": p.FirstName, "last": p.LastName, "bio": p.Bio, "avatar": p.AvatarURL, "zone": p.TimeZone,
	}
}

var (
	insertUser = statement("create a user", `
		INSERT INTO users (id, email, email_key, search, role, created_at, updated_at)
		VALUES (@id, @email, @key, @search, @role, {now}, {now}) ON CONFLICT DO NOTHING`)
	insertProfile = statement("create a profile", `
		INSERT INTO profiles (user_id, first_name, last_name, bio, avatar_url, time_zone)
		VALUES (@id, @first, @last, @bio, @avatar, @zone)`)
	readUser    = statement("read a user", userColumns+` WHERE u.id = @id`)
	lockUser    = statement("lock a user", userColumns+` WHERE u.id = @id {lock}`)
	userByEmail = statement("find a user", userColumns+` WHERE u.email_key = @key`)
	emailTaken  = statement("look whose an e-mail is", `SELECT id FROM users WHERE email_key = @key AND id <> @id`)
	updateUser  = statement("change a user", `
		UPDATE users SET email = @email, email_key = @key, search = @search, role = @role, updated_at = {now},
		       deactivated_at = CASE WHEN @active THEN NULL ELSE coalesce(deactivated_at, {now}) END
		 WHERE id = @id`)
	updateProfile = statement("change a profile", `
		UPDATE profiles SET first_name = @first, last_name = @last, bio = @bio, avatar_url = @avatar, time_zone = @zone WHERE user_id = @id`)
	leaveVideos = statement("leave the videos", `UPDATE videos SET user_id = @owner WHERE user_id = @user`)
	deleteUser  = statement("delete a user", `DELETE FROM users WHERE id = @id`)
)

// CreateUser inserts a user and its profile, both or none.
func (p *Protocol) CreateUser(ctx context.Context, u store.User) (created store.User, err error) {
	u.DeactivatedAt = created.DeactivatedAt
	err = p.db.InTx(ctx, func(ctx context.Context, do Do) error {
		if n, err := exec(ctx, do, insertUser, argsOf(u)); err != nil {
			return err
		} else if n == 0 {
			return store.ErrEmailTaken(u.Email)
		}
		if err := do(ctx, Step{Statement: insertProfile, Args: argsOf(u)}); err != nil {
			return err
		}
		created, err = oneUser(ctx, do, readUser, u.ID)
		return err
	})
	return created, p.explain(err, "create a user")
}

func oneUser(ctx context.Context, do Do, s *Statement, id uuid.UUID) (store.User, error) {
	list, err := collect(ctx, do, s, Args{"id": id}, scanUser)
	if err == nil && len(list) == 0 {
		err = store.ErrNoUser(id)
	}
	if err != nil {
		return store.User{}, err
	}
	return list[0], nil
}

// User returns one user.
func (p *Protocol) User(ctx context.Context, id uuid.UUID) (store.User, error) {
	u, err := oneUser(ctx, p.db.Read, readUser, id)
	return u, p.explain(err, "read a user")
}

// UserByEmail returns the user of an e-mail.
func (p *Protocol) UserByEmail(ctx context.Context, email string) (store.User, error) {
	list, err := collect(ctx, p.db.Read, userByEmail, Args{"key": folded(email)}, scanUser)
	switch {
	case err != nil:
		return store.User{}, p.explain(err, "find a user")
	case len(list) == 0:
		return store.User{}, store.ErrNoUserOf(email)
	}
	return list[0], nil
}

// UpdateUser changes a user and its profile.
func (p *Protocol) UpdateUser(ctx context.Context, id uuid.UUID, change func(u *store.User) error) (u store.User, err error) {
	err = p.db.InTx(ctx, func(ctx context.Context, do Do) error {
		if u, err = oneUser(ctx, do, lockUser, id); err != nil {
			return err
		}
		if err = change(&u); err != nil {
			return err
		}
		u.ID = id
		args := argsOf(u)
		others, err := collect(ctx, do, emailTaken, args, scanID)
		if err != nil {
			return err
		}
		if len(others) > 0 {
			return store.ErrEmailTaken(u.Email)
		}
		if err := do(ctx, Step{Statement: updateUser, Args: args}, Step{Statement: updateProfile, Args: args}); err != nil {
			return err
		}
		u, err = oneUser(ctx, do, readUser, id)
		return err
	})
	return u, p.explain(err, "change a user")
}

// matchingUsers says which users a filter lets through.
func matchingUsers(f store.UserFilter, counting bool) string {
	matches := ` WHERE true`
	if f.Search != "" {
		matches += ` AND {either position(@search IN u.search) // instr(u.search, @search)} > 0`
	}
	if f.Behind != uuid.Nil && !counting {
		matches += ` AND u.id < @behind`
	}
	return matches
}

// Users lists newest first.
func (p *Protocol) Users(ctx context.Context, f store.UserFilter, page store.Page) ([]store.User, int, error) {
	args := Args{"search": folded(f.Search), "behind": f.Behind, "most": store.MostCounted + 1, "size": page.Size, "skip": (page.Number - 1) * page.Size}
	count := together("count users", `SELECT count(*) FROM (SELECT 1 FROM users u`+matchingUsers(f, true)+` LIMIT @most) AS counted`)
	total, err := collect(ctx, p.db.Read, count, args, scanOne[int])
	if err != nil {
		return nil, 0, p.explain(err, "count users")
	}
	list, err := collect(ctx, p.db.Read, together("list users", userColumns+matchingUsers(f, false)+` ORDER BY u.id DESC LIMIT @size OFFSET @skip`), args, scanUser)
	if err != nil {
		return nil, 0, p.explain(err, "list users")
	}
	return list, total[0], nil
}

// What becomes of the videos of a user that departs, with them. Those that run are
// cancelled by the rules of Cancel. Their receivers are told nothing: the secret that
// signs goes as well.
const ofDeparting = `(SELECT id FROM videos WHERE user_id = @user)`

var departing = []*Statement{
	statement("untell videos", `DELETE FROM notifications WHERE video_id IN `+ofDeparting),
	statement("unshare videos", `DELETE FROM shares WHERE video_id IN `+ofDeparting),
	statement("cancel videos that are left", `UPDATE videos SET notify_url = '', `+endNow+` WHERE user_id = @user AND state IN ('queued', 'rendering', 'downloading')`),
	statement("ask to cancel videos that are left", `UPDATE videos SET `+askToEnd+` WHERE user_id = @user AND state = 'submitting'`),
	statement("depart with videos", `UPDATE videos SET user_id = @owner, notify_url = '' WHERE user_id = @user`),
}

var dropTurn = statement("forget a turn", `DELETE FROM turns WHERE user_id = @user`)

// DeleteUser forgets a user.
func (p *Protocol) DeleteUser(ctx context.Context, id uuid.UUID, left store.LeftVideos) error {
	err := p.db.InTx(ctx, func(ctx context.Context, do Do) error {
		n, err := exec(ctx, do, deleteUser, Args{"id": id})
		if err == nil && n == 0 {
			err = store.ErrNoUser(id)
		}
		if err != nil {
			return err
		}
		args := Args{"owner": store.DefaultUser, "user": id.String()}
		how := []*Statement{leaveVideos}
		if left == store.DeleteVideos {
			args["owner"], how = store.DepartedUser, departing
		}
		var steps []Step
		for _, s := range append([]*Statement{dropSecret, dropTurn, forgetLimits}, how...) {
			steps = append(steps, Step{Statement: s, Args: args})
		}
		return do(ctx, steps...)
	})
	return p.explain(err, "delete a user")
}
