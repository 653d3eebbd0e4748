using System.Globalization;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Offices;

/// <summary>
/// The town's posts (職), the highest first: added, called otherwise, put elsewhere in the order, ended. A new name is shown for the past as well, so
/// a title that replaces another is a post of its own, and the old one ends. Given to people they are with an assignment.
/// </summary>
public static class EditPosts
{
    public sealed record Line(Guid Id, Said Name, int Rank, DateOnly? UntilOn, int Holders);

    public static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("posts", async (string? done, Visit visit, TownDb db, TimeProvider time) =>
        {
            if (!visit.ManagesAll(await DepartmentTrees.Today(db))) return Managing.NotYours;
            var today = time.Today();
            var posts = await db.Set<Post>().AsNoTracking().OrderBy(p => p.Rank).ThenBy(p => p.Id).ToListAsync();
            var holders = await db.Set<Assignment>().Where(a => a.PostId != null && a.FromOn <= today && (a.UntilOn == null || a.UntilOn >= today))
                .GroupBy(a => a.PostId).Select(g => new { g.Key, Count = g.Select(a => a.AccountId).Distinct().Count() }).ToDictionaryAsync(g => g.Key!.Value, g => g.Count);
            // What is over stands at the foot: it is only of interest to who looks for it.
            return Page.Show<PostsPage>(new { Lines = (IReadOnlyList<Line>)[.. posts.OrderBy(p => p.UntilOn < today).Select(p => new Line(p.Id, p.Name, p.Rank, p.UntilOn, holders.GetValueOrDefault(p.Id)))], Today = today, Done = done });
        });
        to.MapGet("posts/new", async (Visit visit, TownDb db) =>
            visit.ManagesAll(await DepartmentTrees.Today(db)) ? Show(Form.With(("rank", Next(await db.Set<Post>().MaxAsync(p => (int?)p.Rank) ?? 0))), null) : Managing.NotYours);
        to.MapPost("posts/new", (Form form, Visit visit, TownDb db) => Write(null, form, visit, db));
        to.MapGet("posts/{id:guid}", async (Guid id, Visit visit, TownDb db) =>
            !visit.ManagesAll(await DepartmentTrees.Today(db)) ? Managing.NotYours
            : await db.Set<Post>().AsNoTracking().FirstOrDefaultAsync(p => p.Id == id) is { } post
                ? Show(Form.With([.. post.Name.Fields("name"), ("rank", Number(post.Rank)), ("lastDay", post.UntilOn?.ForInput()), ("version", Number(post.Version))]), post) : Page.NotFound);
        to.MapPost("posts/{id:guid}", (Guid id, Form form, Visit visit, TownDb db) => Write(id, form, visit, db));
    }

    static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    static string Next(int rank) => Number(Math.Min(Post.LowestRank, rank / 10 * 10 + 10));

    static IResult Show(Form form, Post? post, bool overtaken = false) =>
        Page.Show<PostPage>(new { Form = form, Id = post?.Id, Stored = post?.Name, Version = post?.Version ?? 0, Overtaken = overtaken }, overtaken ? 409 : form.Wrong ? 422 : 200);

    static async Task<IResult> Write(Guid? id, Form form, Visit visit, TownDb db)
    {
        var post = id is null ? null : await db.Set<Post>().FirstOrDefaultAsync(p => p.Id == id);
        if (id is not null && post is null) return Page.NotFound;
        if (!visit.ManagesAll(await DepartmentTrees.Today(db))) return Managing.NotYours;
        var name = form.SaidIn("name", 60);
        var rank = form.Number("rank", 0, Post.LowestRank);
        var last = post is null ? null : form.Day("lastDay");
        // Files and the tables of a reorganisation name a post by its Japanese name.
        var called = name.GetValueOrDefault("ja") ?? "";
        if (!form.Wrong && (await db.Set<Post>().AsNoTracking().ToListAsync()).Exists(p => p.Id != id && p.Name.In(Lang.Japanese) == called)) form.Wrongly("name-ja", "There is a post of this name already.");
        if (form.Wrong) return Show(form, post);
        var overtaken = post is not null && form.Typed("version") != Number(post.Version);
        if (!overtaken)
        {
            var before = post is null ? null : new { Name = post.Name.In(Lang.Japanese), post.Rank, LastDay = post.UntilOn };
            if (post is null) db.Add(post = new() { Name = name, Rank = rank });
            else post.Write(name, rank, last);
            db.Audit(visit.Did("offices.write_post", $"posts/{post.Id}", new { Name = called, Rank = rank, LastDay = last, Before = before }));
            try
            {
                await db.Save(form.Once, visit.Link("desk/offices/posts?done=saved"));
                return Page.Go(visit, "desk/offices/posts?done=saved");
            }
            catch (Exception e) when (e.IsOvertaken())
            {
                db.ChangeTracker.Clear();
                post = await db.Set<Post>().AsNoTracking().FirstOrDefaultAsync(p => p.Id == id);
                if (post is null)    // another one of this name came a moment before
                {
                    form.Wrongly("name-ja", "There is a post of this name already.");
                    return Show(form, null);
                }
            }
        }
        return Show(form, post, overtaken: true);
    }
}
