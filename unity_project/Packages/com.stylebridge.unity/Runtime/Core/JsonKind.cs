namespace Stylebridge
{
    /// <summary>What a JSON value is.</summary>
    public enum JsonKind
    {
        /// <summary>The word null.</summary>
        Null,

        /// <summary>True or false.</summary>
        Bool,

        /// <summary>A number; 64-bit integers are kept exactly.</summary>
        Number,

        /// <summary>Text.</summary>
        String,

        /// <summary>A list of values.</summary>
        Array,

        /// <summary>Named values, in the order in which they came.</summary>
        Object,
    }
}
