using Komachi.Ui.Words;

namespace Komachi.Announcements;

// What other modules may know and hear of announcements.

/// <summary>
/// An announcement went out: somebody published it, or its hour came. It is raised once for each time that it goes
/// out, not for changes while it is there. Residents read it at <c>announcements/{Id}</c>.
/// </summary>
/// <param name="By">Who published it by hand just now; null where it went out by itself.</param>
public sealed record AnnouncementPublished(Guid Id, Said Title, Category Category, Urgency Urgency, Guid? By);

public enum Category { Life, Childcare, Health, Disaster, Tax, Work, Events, Government }

/// <summary>Important is marked and stands first on the home page; an emergency stands above every page of the town.</summary>
public enum Urgency { Normal, Important, Emergency }
