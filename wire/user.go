package wire

import (
	"time"

	"heyq/store"
)

// User is a user as the API shows it.
type User struct {
	ID            string     `json:"id" format:"uuid" example:"0199b3a0-6f1e-7c3a-9d52-1f0a6b7c8d9e"`
	Email         string     `json:"email" example:"ada@example.com"`
	Role          store.Role `json:"role" enum:"owner,operator,manager,member,viewer"`
	FirstName     string     `json:"first_name" example:"Ada"`
	LastName      string     `json:"last_name" example:"Lovelace"`
	Bio           string     `json:"bio"`
	AvatarURL     string     `json:"avatar_url" doc:"An https link to a picture; empty: none. heyq never fetches it"`
	TimeZone      string     `json:"time_zone" example:"Europe/London"`
	Active        bool       `json:"active"`
	CreatedAt     time.Time  `json:"created_at"`
	UpdatedAt     time.Time  `json:"updated_at"`
	DeactivatedAt *time.Time `json:"deactivated_at" doc:"null: the user is active"`
	PasswordSetAt *time.Time `json:"password_set_at" doc:"null: the user has no password"`
}

// UserChange is a user to be made with its profile, or what is to be changed of one:
// what is left out stays as it is.
type UserChange struct {
	Email     *string     `json:"email,omitempty" doc:"Unique without regard to case" example:"ada@example.com"`
	Role      *store.Role `json:"role,omitempty" enum:"owner,operator,manager,member,viewer" doc:"What the user may do; default member"`
	FirstName *string     `json:"first_name,omitempty" doc:"At most 100 characters" example:"Ada"`
	LastName  *string     `json:"last_name,omitempty" doc:"At most 100 characters" example:"Lovelace"`
	Bio       *string     `json:"bio,omitempty" doc:"At most 1,000 characters"`
	AvatarURL *string     `json:"avatar_url,omitempty" doc:"An https link to a picture; heyq never fetches it"`
	TimeZone  *string     `json:"time_zone,omitempty" doc:"A name of the IANA database; default UTC" example:"Europe/London"`
	Active    *bool       `json:"active,omitempty" doc:"false: the user may do nothing until it is true again"`
}

// ProfileChange is what is to be changed of a profile: what is left out stays as it is.
type ProfileChange struct {
	FirstName *string `json:"first_name,omitempty" doc:"At most 100 characters" example:"Ada"`
	LastName  *string `json:"last_name,omitempty" doc:"At most 100 characters" example:"Lovelace"`
	Bio       *string `json:"bio,omitempty" doc:"At most 1,000 characters"`
	AvatarURL *string `json:"avatar_url,omitempty" doc:"An https link to a picture; heyq never fetches it"`
	TimeZone  *string `json:"time_zone,omitempty" doc:"A name of the IANA database" example:"Europe/London"`
}

// User is the same change, of a user.
func (p ProfileChange) User() UserChange {
	return UserChange{FirstName: p.FirstName, LastName: p.LastName, Bio: p.Bio, AvatarURL: p.AvatarURL, TimeZone: p.TimeZone}
}

// LeftVideos is what becomes of the videos of a user that is deleted: keep or delete.
type LeftVideos = store.LeftVideos

// UserVideo is a video with the name of its user.
type UserVideo struct {
	Video
	UserName string `json:"user_name" example:"Ada Lovelace" doc:"First and last name; the e-mail of a user that has none"`
}

// UserVideoList is one page of a user's videos.
type UserVideoList struct {
	Videos     []UserVideo `json:"videos" nullable:"false"`
	Pagination Pagination  `json:"pagination"`
}

// UserList is one page of users.
type UserList struct {
	Users      []User     `json:"users" nullable:"false"`
	Pagination Pagination `json:"pagination"`
}
