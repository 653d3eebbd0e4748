using Komachi.Platform.Data;

namespace Komachi.Procedures;

static class CaseNews
{
    /// <summary>
    /// What happened to the case is saved with it: its moves, a mail to the applicant, and word to whoever listens. Called once, right before the save. What was done in one go is one
    /// piece of news: a grant and its letter come in one mail, and who listens hears once how it stands now.
    /// </summary>
    public static void AddNews(this TownDb db, Case of)
    {
        var news = of.TakeNews();
        db.AddRange(news);
        foreach (var move in news)
            switch (move.Kind)
            {
                case MoveKind.Arrived: db.Raise(new CaseArrived(of.Id, of.Number, of.Procedure, of.Stage, of.ArrivedAt)); break;
                case MoveKind.Granted or MoveKind.Refused: db.Raise(new CaseDecided(of.Id, of.Number, of.Procedure, of.Stage, move.Kind == MoveKind.Granted, move.At)); break;
            }
        if (news.Where(m => m.Told).ToArray() is not [var first, ..] told) return;
        if (of.Email is not null && !of.Sample) db.Enqueue(new TellApplicant(of.Id, first.Number, told[^1].Number));
        db.Raise(new CaseMoved(of.Id, of.Number, of.Procedure, of.Stage, of.State, told[^1].At));
    }
}
