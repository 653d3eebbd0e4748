using System.Globalization;
using Komachi.Platform.Data;
using Komachi.Platform.Offices;
using Komachi.Platform.Towns;
using Komachi.Platform.Web;
using Komachi.Ui;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Looks;

/// <summary>What the pages on the town's look have in common.</summary>
static class Managing
{
    /// <summary>In a form: who has looked at an older version would undo what somebody else decided meanwhile.</summary>
    public const string Version = "version";

    public static (string, string?) VersionField(this SavedLook saved) => (Version, saved.Version.ToString(CultureInfo.InvariantCulture));

    public static bool SawThis(this Form form, SavedLook saved) => form.Typed(Version) == saved.Version.ToString(CultureInfo.InvariantCulture);

    /// <summary>Which of the form's buttons was pressed: looking comes before saving.</summary>
    public static bool Saves(this Form form) => form.Typed("do") == "save";

    public static Picture For(this ShownPicture picture, Visit visit) => new($"{visit.Base}/{picture.Path}", picture.Says.In(visit.Lang), picture.Width, picture.Height);

    /// <summary>The style sheet that gives a preview its colour.</summary>
    public static string PreviewIn(this Visit visit, Colour colour) => $"{visit.Base}/desk/look/preview.css?colour={colour.ToString()[1..]}";

    /// <summary>Saves and goes there; false when somebody else was faster.</summary>
    public static async Task<bool> Saved(this TownDb db, Form form, Visit visit, TownLooks looks, string path)
    {
        try
        {
            await db.Save(form.Once, visit.Link(path));
            looks.Forget(visit.Town);
            return true;
        }
        catch (Exception e) when (e.IsOvertaken())
        {
            db.ChangeTracker.Clear();
            return false;
        }
    }
}
